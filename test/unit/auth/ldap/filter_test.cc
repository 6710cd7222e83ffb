// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/filter.h"

#include <catch2/catch.hpp>

#include "common/config/search_filter.h"

using namespace posthorn;
using namespace posthorn::auth::ldap;
using namespace std::string_literals;

namespace {

std::string expanded(std::string_view text, const FilterNames& names) {
  const auto parsed = FilterTemplate::parse(text);
  REQUIRE(parsed.ok());
  return parsed->expand(names);
}

}  // namespace

TEST_CASE("values of filters are escaped by RFC 4515") {
  CHECK(escapeFilterValue("anna") == "anna");
  CHECK(escapeFilterValue("a*b(c)d\\e") == "a\\2ab\\28c\\29d\\5ce");
  CHECK(escapeFilterValue("a\0b"s) == "a\\00b");
  CHECK(escapeFilterValue("\n\x7F") == "\\0a\\7f");
  CHECK(escapeFilterValue("\xC3\xBC") == "\\c3\\bc");
  CHECK(escapeFilterValue("\xFF\xFE") == "\\ff\\fe");
  CHECK(escapeFilterValue(std::string(10'000, '*')).size() == 30'000);
  CHECK(equals("mail", "a@b)(uid=*") == "(mail=a@b\\29\\28uid=\\2a)");
}

TEST_CASE("what was typed is only ever a value") {
  const FilterNames names{"anna", "siroe.com", "Anna@siroe.com"};
  CHECK(expanded("(&(uid=%U)(objectclass=inetmailuser))", names) ==
        "(&(uid=anna)(objectclass=inetmailuser))");
  CHECK(expanded("uid=%U_%V", names) == "(uid=anna_siroe.com)");
  CHECK(expanded(" (mail=%o) ", names) == "(mail=Anna@siroe.com)");
  CHECK(expanded("(&(uid=%U)(d=100%%))", names) == "(&(uid=anna)(d=100%))");
  const FilterNames evil{"*)(uid=*", "a)(b=c", "%U%V%o"};
  CHECK(expanded("(&(uid=%U)(o=%V))", evil) == "(&(uid=\\2a\\29\\28uid=\\2a)(o=a\\29\\28b=c))");
  CHECK(expanded("(mail=%o)", evil) == "(mail=%U%V%o)");
}

TEST_CASE("a filter that cannot mean one user is refused") {
  for (const char* bad :
       {"", "(uid=%U", "(uid=%U))", "uid=%U)(a=b", "(uid=%X)", "(uid=%U)(a=b)", "(uid=anna)", "(%U=anna)",
        "%U", "(uid=%", "(&(o=%V)(x=y))", "(uid=%u)", "(uid=a(%U)", "(uid=\n%U)"}) {
    INFO(bad);
    const auto parsed = FilterTemplate::parse(bad);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == Errc::Invalid);
    CHECK_FALSE(parsed.error().text.empty());
  }
  CHECK_FALSE(FilterTemplate::parse("(uid=%U" + std::string(1000, 'x') + ")").ok());
  CHECK_FALSE(FilterTemplate::parse(std::string(30, '(') + "uid=%U" + std::string(30, ')')).ok());
}

TEST_CASE("distinguished names at first sight") {
  CHECK(config::distinguishedNameTrouble("cn=Directory Manager").empty());
  CHECK(config::distinguishedNameTrouble("uid=a\\,b\\=,o=x").empty());
  for (const char* bad : {"", "anna", "o=", "=x", "o=a,,o=b", "o=a,", ",o=a"}) {
    INFO(bad);
    CHECK_FALSE(config::distinguishedNameTrouble(bad).empty());
  }
}
