// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/settings.h"

#include <catch2/catch.hpp>

#include "common/auth/authenticator.h"
#include "common/config/snapshot.h"

using namespace posthorn;
using namespace posthorn::auth;

namespace {

LdapSettings from(const std::string& text) {
  const auto loaded = config::parse(text, "/nonexistent/posthorn.yaml");
  INFO(loaded.report());
  REQUIRE(loaded.ok());
  return LdapSettings::from(*loaded.snapshot);
}

}  // namespace

TEST_CASE("servers in every spelling") {
  CHECK(parseLdapHost("ldap1", 389).describe() == "ldap1:389");
  CHECK(parseLdapHost("ldap1:1389", 389).describe() == "ldap1:1389");
  CHECK(parseLdapHost("[::1]:1389", 389).describe() == "[::1]:1389");
  CHECK(parseLdapHost("[::1]", 389).name == "::1");
  CHECK(parseLdapHost("::1", 389).describe() == "[::1]:389");
}

TEST_CASE("settings from the options") {
  const LdapSettings plain = from("base.ugldaphost: h1 h2:1000\nbase.ugldapbasedn: o=x\n");
  REQUIRE(plain.hosts.size() == 2);
  CHECK(plain.hosts[0].describe() == "h1:389");
  CHECK(plain.hosts[1].describe() == "h2:1000");
  CHECK(plain.tls == LdapTls::Off);
  CHECK(plain.checkCertificate);
  CHECK(plain.schema == LdapSchema::Two);
  CHECK(plain.searchForDomain);
  CHECK(plain.domainCacheTtl == std::chrono::seconds{60});
  CHECK(from("base: {ugldaphost: h, ugldapusessl: yes}\n").hosts[0].port == 636);
  CHECK(from("base: {ugldaphost: h, ugldapusessl: yes, ugldapport: 389}\n").hosts[0].port == 389);
  CHECK(from("base: {ugldapusessl: yes}\n").tls == LdapTls::FromTheStart);
  CHECK(from("base: {ugldapstarttls: yes}\n").tls == LdapTls::StartTls);
  CHECK(from("auth: {ldapschema: 1, searchfordomain: 0}\n").schema == LdapSchema::One);
  CHECK(from("base.authcachettl: 0\n").domainCacheTtl.count() == 0);
  CHECK(from("auth.ldaptimeout: 3s\n").timeout == std::chrono::seconds{3});
  CHECK(from("auth.ldapidletimeout: 9s\n").idleTimeout == std::chrono::seconds{9});
}

TEST_CASE("every service that logs users in has what the directory needs") {
  for (const auto service :
       {config::Service::Pop, config::Service::Imap, config::Service::Http, config::Service::Lmtp})
    CHECK(LdapSettings::from(config::Snapshot(service)).dcRoot == "o=internet");
}
