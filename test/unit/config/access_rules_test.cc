// SPDX-License-Identifier: Apache-2.0
#include "common/config/access_rules.h"

#include <catch2/catch.hpp>

#include "common/config/network.h"

using namespace posthorn;
using config::AccessRules;

namespace {

bool allows(const std::string& rules, const std::string& client) {
  const auto parsed = AccessRules::parse(rules);
  INFO(rules << " for " << client);
  REQUIRE(parsed.ok());
  const auto address = config::parseAddress(client);
  REQUIRE(address);
  return parsed->allow(*address);
}

std::string refusal(const std::string& rules) {
  const auto parsed = AccessRules::parse(rules);
  INFO(rules);
  REQUIRE_FALSE(parsed.ok());
  CHECK(parsed.error().code == Errc::Invalid);
  return parsed.error().text;
}

// As printed in the manuals.
constexpr const char* kPrinted =
    "+192.168.0.1|255.255.255.0;+127.0.0.1|255.255.255.255;-192.168.0.17|255.255.255.255";

}  // namespace

TEST_CASE("the last rule that holds an address decides") {
  struct Row {
    const char* rules;
    const char* client;
    bool allowed;
  };
  const Row rows[] = {
      {kPrinted, "127.0.0.1", true},
      {kPrinted, "127.0.0.2", false},
      {kPrinted, "192.168.0.1", true},
      {kPrinted, "192.168.0.16", true},
      {kPrinted, "192.168.0.17", false},
      {kPrinted, "192.168.1.17", false},
      {kPrinted, "::1", false},
      {"+127.0.0.1|255.255.255.255", "127.0.0.1", true},
      {"-192.168.0.17|255.255.255.255;+192.168.0.0|255.255.255.0", "192.168.0.17", true},
      {"+10.0.0.0|255.0.0.0;-10.1.0.0|255.255.0.0;+10.1.2.3|255.255.255.255", "10.1.2.3", true},
      {"+10.0.0.0|255.0.0.0;-10.1.0.0|255.255.0.0;+10.1.2.3|255.255.255.255", "10.1.2.4", false},
      {"+10.0.0.0|255.0.0.0;-10.1.0.0|255.255.0.0;+10.1.2.3|255.255.255.255", "10.2.2.4", true},
      {"+0.0.0.0|0.0.0.0", "203.0.113.9", true},
      {"+0.0.0.0|0.0.0.0", "2001:db8::1", false},
      {"+0.0.0.0|0.0.0.0;-0.0.0.0|0.0.0.0", "127.0.0.1", false},
      {"-0.0.0.0|0.0.0.0", "127.0.0.1", false},
      {"+::1/128", "::1", true},
      {"+::1/128", "::2", false},
      {"+2001:db8::/32;-2001:db8:1::/48", "2001:db8:2::7", true},
      {"+2001:db8::/32;-2001:db8:1::/48", "2001:db8:1::7", false},
      {"+10.0.0.0/8", "10.200.3.4", true},
      {"+10.0.0.0/8", "11.0.0.1", false},
      {" +10.0.0.0|255.0.0.0 ; -10.0.0.1 | 255.255.255.255 ", "10.0.0.1", false},
      {"", "127.0.0.1", false},
  };
  for (const Row& row : rows) CHECK(allows(row.rules, row.client) == row.allowed);
}

TEST_CASE("a mistyped rule is refused, and the text says which one and why") {
  struct Row {
    const char* rules;
    const char* said;
  };
  const Row rows[] = {
      // The manuals' own typo: a ';' in the place of the last '|'.
      {"+192.168.0.1|255.255.255.0;+127.0.0.1|255.255.255.255;-192.168.0.17;255.255.255.255",
       "rule 3 ('-192.168.0.17') has no mask: for this one host write '-192.168.0.17|255.255.255.255'"},
      {"255.255.255.255",
       "rule 1 ('255.255.255.255') has no + or - in front; if it is the mask of the rule before, write '|' "
       "and "
       "not ';' between them"},
      {"+10.0.0.0|255.0.0.0;", "rule 2 is empty: remove one ';'"},
      {";+10.0.0.0|255.0.0.0", "rule 1 is empty: remove one ';'"},
      {"+10.0.0.0|255.0.0.0;;-10.0.0.1|255.255.255.255", "rule 2 is empty: remove one ';'"},
      {"10.0.0.0|255.0.0.0", "rule 1 ('10.0.0.0|255.0.0.0') must begin with + (may) or - (may not)"},
      {"'+10.0.0.0|255.0.0.0'", "rule 1 (''+10.0.0.0|255.0.0.0'') must begin with + (may) or - (may not)"},
      {"+10.0.0|255.0.0.0",
       "rule 1 ('+10.0.0|255.0.0.0') needs an address behind its sign: +ADDRESS|MASK or +ADDRESS/PREFIX"},
      {"+10.0.0.0.1|255.0.0.0",
       "rule 1 ('+10.0.0.0.1|255.0.0.0') needs an address behind its sign: +ADDRESS|MASK or +ADDRESS/PREFIX"},
      {"+localhost|255.0.0.0",
       "rule 1 ('+localhost|255.0.0.0') needs an address behind its sign: +ADDRESS|MASK or +ADDRESS/PREFIX"},
      {"+", "rule 1 ('+') needs an address behind its sign: +ADDRESS|MASK or +ADDRESS/PREFIX"},
      {"++10.0.0.0|255.0.0.0",
       "rule 1 ('++10.0.0.0|255.0.0.0') needs an address behind its sign: +ADDRESS|MASK or +ADDRESS/PREFIX"},
      {"+10.0.0.0|", "rule 1 ('+10.0.0.0|') needs a mask without holes behind its '|', like 255.255.255.0"},
      {"+10.0.0.0|255.0.255.0",
       "rule 1 ('+10.0.0.0|255.0.255.0') needs a mask without holes behind its '|', like 255.255.255.0"},
      {"+10.0.0.0|255.255.255.256",
       "rule 1 ('+10.0.0.0|255.255.255.256') needs a mask without holes behind its '|', like 255.255.255.0"},
      {"+10.0.0.0|8", "rule 1 ('+10.0.0.0|8') needs a mask without holes behind its '|', like 255.255.255.0"},
      {"+10.0.0.0|255.0.0.0|255.0.0.0",
       "rule 1 ('+10.0.0.0|255.0.0.0|255.0.0.0') needs a mask without holes behind its '|', like "
       "255.255.255.0"},
      {"+10.0.0.0/33",
       "rule 1 ('+10.0.0.0/33') needs a prefix length behind its '/', at most 32 (IPv6: 128)"},
      {"+::1", "rule 1 ('+::1') has no prefix length: for this one host write '+::1/128'"},
      {"+::1|255.255.255.255",
       "rule 1 ('+::1|255.255.255.255') is an IPv6 address, which takes /PREFIX and not |MASK"},
  };
  for (const Row& row : rows) CHECK(refusal(row.rules) == row.said);
}

TEST_CASE("rules that let everybody in are known") {
  CHECK(AccessRules::parse("+0.0.0.0|0.0.0.0")->open());
  CHECK(AccessRules::parse("+::/0")->open());
  CHECK_FALSE(AccessRules::parse("+0.0.0.0|0.0.0.0;-10.0.0.0|255.0.0.0")->open());
  CHECK_FALSE(AccessRules::parse("+127.0.0.0|255.0.0.0")->open());
  CHECK_FALSE(AccessRules::parse("")->open());
}
