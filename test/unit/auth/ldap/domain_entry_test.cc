// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/domain_entry.h"

#include <catch2/catch.hpp>

#include "test/unit/auth/ldap/fakes.h"

using namespace posthorn;
using namespace posthorn::auth;
using namespace posthorn::auth::ldap;
using namespace posthorn::auth::ldap::test;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Result<Domain> two(const Pairs& attributes, const std::string& asked = "siroe.com") {
  return toDomain(entryOf("o=siroe,o=isp", attributes), LdapSchema::Two, asked);
}

Result<Domain> one(const Pairs& attributes, const std::string& asked = "siroe.com") {
  return toDomain(entryOf("dc=siroe,dc=com,o=internet", attributes), LdapSchema::One, asked);
}

}  // namespace

TEST_CASE("an organisation of Schema 2 is a domain") {
  const auto domain = two({{"sunPreferredDomain", "Siroe.com"},
                           {"associatedDomain", "siroe.net"},
                           {"associatedDomain", "siroe.org"},
                           {"inetDomainSearchFilter", "(employeeNumber=%U)"},
                           {"mailDomainStatus", "hold"},
                           {"mailDomainAllowedServiceAccess", "+pop:*"},
                           {"preferredLanguage", "de"}},
                          "siroe.net");
  REQUIRE(domain.ok());
  CHECK(domain->name == "siroe.com");
  CHECK(domain->names == std::vector<std::string>{"siroe.com", "siroe.net", "siroe.org"});
  CHECK(domain->baseDn == "o=siroe,o=isp");
  CHECK(domain->filter->expand({"7", "", ""}) == "(employeeNumber=7)");
  CHECK(domain->inetStatus == AccountStatus::Active);
  CHECK(domain->mailStatus == AccountStatus::Hold);
  CHECK(domain->services == "+pop:*");
  CHECK(domain->preferredLanguage == "de");
}

TEST_CASE("the canonical name is the one made for it") {
  CHECK(two({{"sunPreferredDomain", "a.com"}, {"inetCanonicalDomainName", "B.com"}})->name == "b.com");
  CHECK(two({{"associatedDomain", "siroe.com"}})->name == "siroe.com");
  CHECK(one({{"inetDomainBaseDN", "o=x"}})->name == "siroe.com");
  CHECK(one({{"inetDomainBaseDN", "o=x"}, {"inetCanonicalDomainName", "other.com"}})->name == "other.com");
  CHECK(two({}, "").error().code == Errc::Corrupt);
}

TEST_CASE("a node of Schema 1 leads to its users") {
  const auto domain = one({{"inetDomainBaseDN", "o=siroe,o=isp"}, {"domainUidSeparator", "_"}});
  REQUIRE(domain.ok());
  CHECK(domain->baseDn == "o=siroe,o=isp");
  CHECK(domain->uidSeparator == "_");
  CHECK(one({}).error().code == Errc::Corrupt);
}

TEST_CASE("a domain entry that cannot be used shuts its domain") {
  for (const Pairs& bad :
       {Pairs{{"inetDomainSearchFilter", "(uid=%X)"}}, Pairs{{"inetDomainSearchFilter", "(uid=*)"}},
        Pairs{{"inetDomainSearchFilter", "(uid=%U)"}, {"inetDomainSearchFilter", "(mail=%U)"}},
        Pairs{{"domainUidSeparator", "ab"}}, Pairs{{"domainUidSeparator", "x"}},
        Pairs{{"inetDomainBaseDN", "nowhere"}},
        Pairs{{"inetDomainBaseDN", "o=a"}, {"inetDomainBaseDN", "o=b"}},
        Pairs{{"mailDomainStatus", "active"}, {"mailDomainStatus", "hold"}},
        Pairs{{"sunPreferredDomain", "a b"}}, Pairs{{"sunPreferredDomain", "*"}},
        Pairs{{"inetCanonicalDomainName", "a/b"}}}) {
    INFO(bad.front().first << "=" << bad.front().second);
    const auto domain = two(bad);
    REQUIRE_FALSE(domain.ok());
    CHECK(domain.error().code == Errc::Corrupt);
    CHECK(domain.error().text.find("o=siroe,o=isp") != std::string::npos);
  }
  CHECK(two({{"inetDomainStatus", "frozen"}})->inetStatus == AccountStatus::Inactive);
}

TEST_CASE("an index node cannot open what its organisation has shut") {
  auto index = *two({{"sunPreferredDomain", "siroe.com"},
                     {"inetDomainBaseDN", "o=real,o=isp"},
                     {"mailDomainStatus", "active"}});
  const auto merged =
      withOrganisation(index, entryOf("o=real,o=isp", {{"mailDomainStatus", "deleted"},
                                                       {"mailDomainAllowedServiceAccess", "+imap:*"},
                                                       {"inetDomainSearchFilter", "(mail=%o)"},
                                                       {"preferredLanguage", "da"}}));
  REQUIRE(merged.ok());
  CHECK(merged->mailStatus == AccountStatus::Deleted);
  CHECK(merged->services == "+imap:*");
  CHECK(merged->filter->expand({"", "", "x"}) == "(mail=x)");
  CHECK(merged->preferredLanguage == "da");
  CHECK(merged->baseDn == "o=real,o=isp");
  index.inetStatus = AccountStatus::Hold;
  CHECK(withOrganisation(index, entryOf("o=real,o=isp", {}))->inetStatus == AccountStatus::Hold);
}
