// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/dn.h"

#include <catch2/catch.hpp>

using namespace posthorn::auth::ldap;
using namespace std::string_literals;

TEST_CASE("values of distinguished names are escaped by RFC 4514") {
  CHECK(escapeDnValue("siroe") == "siroe");
  CHECK(escapeDnValue("a,b+c\"d\\e<f>g;h=i") == "a\\,b\\+c\\\"d\\\\e\\<f\\>g\\;h\\=i");
  CHECK(escapeDnValue(" x ") == "\\ x\\ ");
  CHECK(escapeDnValue("#x") == "\\#x");
  CHECK(escapeDnValue("x#") == "x#");
  CHECK(escapeDnValue("a\0b"s) == "a\\00b");
}

TEST_CASE("domains are a chain of dc") {
  CHECK(domainDn("siroe.com", "o=internet") == "dc=siroe,dc=com,o=internet");
  CHECK(domainDn("a,o=evil", "o=internet") == "dc=a\\,o\\=evil,o=internet");
  CHECK(domainOfDn("dc=siroe, DC=Com,o=Internet", "o=internet") == "siroe.com");
  CHECK_FALSE(domainOfDn("o=internet", "o=internet"));
  CHECK_FALSE(domainOfDn("dc=siroe,dc=com,o=elsewhere", "o=internet"));
  CHECK_FALSE(domainOfDn("o=x,dc=com,o=internet", "o=internet"));
  CHECK_FALSE(domainOfDn("dc=a\\,b,o=internet", "o=internet"));
  CHECK_FALSE(domainOfDn("", "o=internet"));
}

TEST_CASE("the entry above") {
  CHECK(parentDn("uid=a,ou=People,o=x") == "ou=People,o=x");
  CHECK(parentDn("uid=a\\,b,o=x") == "o=x");
  CHECK(parentDn("uid=\"a,b\", o=x") == "o=x");
  CHECK(parentDn("cn=a\\\\,o=x") == "o=x");
  CHECK_FALSE(parentDn("o=x"));
  CHECK_FALSE(parentDn("o=x,"));
  CHECK_FALSE(parentDn(""));
}

TEST_CASE("names in one spelling") {
  CHECK(normalDn("OU=People , O=Isp") == "ou=people,o=isp");
  CHECK(normalDn("cn=a\\ ,o=x") == "cn=a\\ ,o=x");
  CHECK(isUnder("uid=a,O=Isp", "o=isp"));
  CHECK(isUnder("o=isp", "o=isp"));
  CHECK(isUnder("o=isp", ""));
  CHECK_FALSE(isUnder("o=xisp", "o=isp"));
  CHECK_FALSE(isUnder("uid=a,foo=isp", "o=isp"));
  CHECK_FALSE(isUnder("uid=a\\,o=isp", "o=isp"));
}
