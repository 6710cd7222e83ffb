// SPDX-License-Identifier: Apache-2.0
#include "common/store/line_form.h"
#include "common/store/names.h"
#include "common/store/thread_ids.h"
#include "test/unit/store/account/support.h"

using namespace posthorn;
using namespace posthorn::store;
using store::test::codeOf;
using store::test::must;

namespace {

struct Formed {
  Bytes text;
  LineForm form;
};

Formed form(View text, std::size_t step) {
  Formed formed;
  for (std::size_t at = 0; at < text.size(); at += step) formed.form.feed(text.substr(at, step), formed.text);
  return formed;
}

}  // namespace

TEST_CASE("lines become CRLF lines, however the text is cut") {
  const auto [in, out, header, lines] = GENERATE(table<View, View, std::size_t, std::size_t>({
      {"a: b\n\nx\n", "a: b\r\n\r\nx\r\n", 8, 3},
      {"a: b\r\n\r\nx", "a: b\r\n\r\nx", 8, 2},
      {"a\rb\n\rc\r\n", "a\rb\r\n\rc\r\n", 9, 2},
      {"a\r\r\nb", "a\r\r\nb", 5, 1},
      {"\nbody", "\r\nbody", 2, 1},
      {"only: header\n", "only: header\r\n", 14, 1},
      {"\r", "\r", 1, 0},
  }));
  for (std::size_t step = 1; step <= in.size(); ++step) {
    const Formed formed = form(in, step);
    CHECK(formed.text == out);
    CHECK(formed.form.octets() == out.size());
    CHECK(formed.form.headerLength() == header);
    CHECK(formed.form.lines() == lines);
    CHECK(formed.form.endsWithNewline() == (out.back() == '\n'));
  }
}

TEST_CASE("what POP and IMAP ask of a text is noted on the way") {
  for (std::size_t step = 1; step < 8; ++step) {
    CHECK(form(".a\n", step).form.dotLines());
    CHECK(form("a\n.\n", step).form.dotLines());
    CHECK_FALSE(form("a.\n b.\nc\r.d", step).form.dotLines());
    CHECK(form(View("a\0b", 3), step).form.hasNul());
    CHECK_FALSE(form("abc", step).form.hasNul());
    CHECK(form("gr\xC3\xBC\xC3\x9F", step).form.eightBit());
    CHECK_FALSE(form("abc", step).form.eightBit());
  }
}

TEST_CASE("message ids are found in any header") {
  const auto ids = scanMessageIds(
      "From: x\r\nreferences: <a@x> <b@x>\r\n\t<c@x>\r\nMESSAGE-ID : <own@x>\r\nIn-Reply-To: text <c@x> "
      "(c)\r\n\r\n");
  const auto own = scanMessageIds("Message-ID:\r\n <own@x>\r\n").own;
  CHECK(ids.own == own);
  CHECK(own != 0);
  REQUIRE(ids.parents.size() == 3);
  CHECK(ids.parents[0] == scanMessageIds("Message-ID: <c@x>").own);
  CHECK(ids.parents[1] == scanMessageIds("Message-ID: <b@x>").own);
  CHECK(ids.parents[2] == scanMessageIds("Message-ID: <a@x>").own);

  for (const View odd : {"", ":", "\r\n", "Message-ID: <", "Message-ID: <>", "Message-ID", "References: <<a>",
                         "Message-ID: no brackets\r\nReferences: >a<"})
    CHECK(scanMessageIds(odd).own == 0);
  std::string many = "References:";
  for (int i = 0; i < 1000; ++i) many += " <" + std::to_string(i) + "@x>";
  CHECK(scanMessageIds(many).parents.size() == kMaxParents);
}

TEST_CASE("mailbox names are normalised or refused") {
  CHECK(must(normalName("inBox")) == "INBOX");
  CHECK(must(normalName("a/b/")) == "a/b");
  CHECK(must(normalName("Gr\xC3\xBC\xC3\x9F"
                        "e")) ==
        "Gr\xC3\xBC\xC3\x9F"
        "e");
  CHECK(must(normalName("u\xCC\x88")) == "\xC3\xBC");
  for (const View bad : {"", "/", "/a", "a//b", "a\nb", "\xFF", "a/\xC3", "\x7F", "\xC2\x85"})
    CHECK(codeOf(normalName(bad)) == Errc::Invalid);
  CHECK(codeOf(normalName(std::string(401, 'a'))) == Errc::Invalid);
  for (const View bad : {"a%", "*", "INBOX/x", "inbox/x"}) CHECK(codeOf(checkNewName(bad)) == Errc::Invalid);
  must(checkNewName("INBOXES/x"));
  CHECK(nameOfKey(nameKey('N', "a/b")) == "a/b");
  CHECK(nameKey('N', "a/b") < nameKey('N', "a b"));
  CHECK(parentOf("a/b/c") == "a/b");
  CHECK(parentOf("a").empty());
}
