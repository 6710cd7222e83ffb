// SPDX-License-Identifier: Apache-2.0
#include "common/mime/address.h"

#include <catch2/catch.hpp>

#include "common/mime/limits.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

/// "name|route|mailbox|host" of each, NIL as -.
std::vector<Bytes> parsed(View value) {
  std::vector<Address> addresses;
  parseAddresses(value, addresses);
  std::vector<Bytes> out;
  for (const Address& one : addresses) {
    out.push_back(one.name.value_or("-") + "|" + one.route.value_or("-") + "|" + one.mailbox.value_or("-") +
                  "|" + one.host.value_or("-"));
  }
  return out;
}
using List = std::vector<Bytes>;

}  // namespace

TEST_CASE("addresses of RFC 5322") {
  CHECK(parsed("a@b.c") == List{"-|-|a|b.c"});
  CHECK(parsed("A B <a@b.c>, \"D, E\" <d@e.f>") == List{"A B|-|a|b.c", "D, E|-|d|e.f"});
  CHECK(parsed("John Q. Public <jqp@example.com>") == List{"John Q. Public|-|jqp|example.com"});
  CHECK(parsed("\"quoted local\"@b.c") == List{"-|-|quoted local|b.c"});
  CHECK(parsed("\"a\\\"b\" <\"x\\\\y\"@c>") == List{"a\"b|-|x\\y|c"});
  CHECK(parsed("a@[IPv6:::1]") == List{"-|-|a|[IPv6:::1]"});
  CHECK(parsed("A\r\n B <a@b>,\r\n\tc@d") == List{"A B|-|a|b", "-|-|c|d"});
  CHECK(parsed("=?utf-8?q?=C3=BC?= =?utf-8?q?x?= <a@b>") == List{"=?utf-8?q?=C3=BC?= =?utf-8?q?x?=|-|a|b"});
}

TEST_CASE("comments: a name only behind an address that has none") {
  CHECK(parsed("a@b.c (A (nested) B)") == List{"A (nested) B|-|a|b.c"});
  CHECK(parsed("(before) a@b.c") == List{"-|-|a|b.c"});
  CHECK(parsed("A (c) B <a@b.c> (d)") == List{"A B|-|a|b.c"});
  CHECK(parsed("a (x) @ (y) b (z)") == List{"z|-|a|b"});
}

TEST_CASE("groups have marks at both ends") {
  CHECK(parsed("g: a@b, C <c@d>;") == List{"-|-|g|-", "-|-|a|b", "C|-|c|d", "-|-|-|-"});
  CHECK(parsed("undisclosed-recipients:;") == List{"-|-|undisclosed-recipients|-", "-|-|-|-"});
  CHECK(parsed("my group: a@b") == List{"-|-|my group|-", "-|-|a|b", "-|-|-|-"});
  CHECK(parsed("x@y, g: a@b;, z@w") == List{"-|-|x|y", "-|-|g|-", "-|-|a|b", "-|-|-|-", "-|-|z|w"});
  CHECK(parsed("g: h: a@b;") == List{"-|-|g|-", "-|-|a|b", "-|-|-|-"});
}

TEST_CASE("obsolete forms") {
  CHECK(parsed("<@r1,@r2:a@b.c>") == List{"-|@r1,@r2|a|b.c"});
  CHECK(parsed("a . b @ c . d") == List{"-|-|a.b|c.d"});
  CHECK(parsed("a.\"b\".c@d") == List{"-|-|a.b.c|d"});
  CHECK(parsed("a@b,,c@d,") == List{"-|-|a|b", "-|-|c|d"});
}

TEST_CASE("broken ones give what can be read, never the mark of a group") {
  CHECK(parsed("a") == List{"-|-|a|MISSING_DOMAIN"});
  CHECK(parsed("John Doe") == List{"John Doe|-|MISSING_MAILBOX|MISSING_DOMAIN"});
  CHECK(parsed("<>") == List{"-|-|MISSING_MAILBOX|MISSING_DOMAIN"});
  CHECK(parsed("@b") == List{"-|-|MISSING_MAILBOX|b"});
  CHECK(parsed("A <a@b.c") == List{"A|-|a|b.c"});
  CHECK(parsed("John Doe john@d.e") == List{"John Doe|-|john|d.e"});
  CHECK(parsed("x@y <a@b>") == List{"x@y|-|a|b"});
  CHECK(parsed("a@b; c@d") == List{"-|-|a|b", "-|-|c|d"});
  CHECK(parsed("a@b c@d") == List{"-|-|a|b", "-|-|c|d"});
  CHECK(parsed("A <a@b> trailing, c@d") == List{"A|-|a|b", "-|-|c|d"});
  CHECK(parsed("=?utf-8?q?Doe,_J?= <a@b>") == List{"=?utf-8?q?Doe,_J?=|-|a|b"});
  CHECK(parsed("[list] A <a@b>") == List{"[list] A|-|a|b"});
  for (const View nothing : {"", " ", ",", ";,;", "(only a comment)", ">"}) CHECK(parsed(nothing).empty());
}

TEST_CASE("no list is longer than the bound") {
  Bytes list;
  for (std::size_t i = 0; i < kMaxAddresses + 10; ++i) list.append("a@b,");
  CHECK(parsed(list).size() == kMaxAddresses);
  CHECK(parsed("g: " + list).size() == kMaxAddresses);
}

TEST_CASE("a list costs no more than its length") {
  const Bytes commas(900'000, ',');
  CHECK(parsed("<@a" + commas + "@b:c@d>") == List{"-|@a,@b|c|d"});
  CHECK(parsed("<@a" + commas + "@b").size() == 1);
  CHECK(parsed(Bytes(900'000, '<')).size() == 1);
  CHECK(parsed("\"" + Bytes(900'000, '\\')).size() == 1);
  CHECK(parsed(Bytes(900'000, '(')).empty());
}

TEST_CASE("addresses are spelled with the quotes that they need") {
  CHECK(spellAddress({{}, {}, "a.b", "c"}) == "a.b@c");
  CHECK(spellAddress({{}, {}, "a b", "c"}) == "\"a b\"@c");
  CHECK(spellAddress({{}, {}, "a\"", "c"}) == "\"a\\\"\"@c");
  CHECK(spellAddress({}).empty());
}
