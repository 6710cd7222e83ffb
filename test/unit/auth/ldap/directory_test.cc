// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/directory.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "common/auth/login_name.h"
#include "test/unit/auth/ldap/fakes.h"

using namespace posthorn;
using namespace posthorn::auth;
using namespace posthorn::auth::ldap;
using namespace posthorn::auth::ldap::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

std::string userFilter(const std::string& uid) {
  return "(&(uid=" + uid + ")(objectclass=inetmailuser))";
}
std::string domainFilter(const std::string& name) {
  return "(|(sunPreferredDomain=" + name + ")(associatedDomain=" + name + "))";
}
std::string mailFilter(const std::string& address) {
  return "(|(mail=" + address + ")(mailAlternateAddress=" + address + ")(mailEquivalentAddress=" + address +
         "))";
}
std::string indexFilter(const std::string& base) {
  return "(&(|(objectClass=inetDomain)(objectClass=sunManagedOrganization))(inetDomainBaseDN=" + base + "))";
}
constexpr const char* kOwn = "(|(sunPreferredDomain=*)(associatedDomain=*))";

/// Schema 2: example.com (alias example.net) is the default domain, hosted.example another one.
struct Fixture {
  World world;
  ManualClock clock;
  LdapSettings settings = settingsFor({"one"});
  std::unique_ptr<LdapDirectory> directory;

  Fixture() {
    const Entry main =
        entryOf("o=main,o=isp", {{"sunPreferredDomain", "example.com"}, {"associatedDomain", "example.net"}});
    for (const char* name : {"example.com", "example.net"}) world.put("o=isp", domainFilter(name), main);
    world.put("o=main,o=isp", kOwn, main);
    const Entry hosted =
        entryOf("o=hosted,o=isp", {{"sunPreferredDomain", "hosted.example"}, {"mailDomainStatus", "hold"}});
    world.put("o=isp", domainFilter("hosted.example"), hosted);
    world.put("o=hosted,o=isp", kOwn, hosted);
    addUser("o=main,o=isp", "anna");
    addUser("o=hosted,o=isp", "anna");
    world.passwords["uid=anna,o=main,o=isp"] = "right";
  }

  void addUser(const std::string& base, const std::string& uid) {
    world.put(base, userFilter(uid),
              entryOf("uid=" + uid + "," + base, {{"uid", uid}, {"mail", uid + "@mail.example"}}));
  }

  LdapDirectory& get() {
    if (!directory)
      directory = std::make_unique<LdapDirectory>(
          settings, "example.com",
          [this](const LdapSettings&) { return std::make_unique<FakeConnector>(world); }, clock);
    return *directory;
  }

  Result<Account> find(const std::string& typed) {
    const auto name = splitLogin(typed, "@", "example.com");
    REQUIRE(name);
    return get().find(*name);
  }
  std::string id(const std::string& typed) {
    const auto account = find(typed);
    return account.ok() ? account->id : "[" + std::string(toString(account.error().code)) + "]";
  }
  std::string idByAddress(const std::string& address) {
    const auto account = get().findByAddress(address);
    return account.ok() ? account->id : "[" + std::string(toString(account.error().code)) + "]";
  }
  std::size_t askedWith(const std::string& part) {
    return static_cast<std::size_t>(
        std::count_if(world.asked.begin(), world.asked.end(),
                      [&](const std::string& key) { return key.find(part) != std::string::npos; }));
  }
};

}  // namespace

TEST_CASE("users of default, alias and hosted domains") {
  Fixture f;
  CHECK(f.id("anna") == "anna");
  CHECK(f.id("Anna@Example.COM") == "anna");
  CHECK(f.id("anna@example.net") == "anna");
  CHECK(f.id("anna@hosted.example") == "anna@hosted.example");
  CHECK(f.find("anna@hosted.example")->status.deciding() == AccountStatus::Hold);
  CHECK(f.id("nobody") == "[not-found]");
  CHECK(f.id("anna@elsewhere.example") == "[not-found]");
}

TEST_CASE("a default domain that is another name of a domain") {
  Fixture f;
  const auto directory = std::make_unique<LdapDirectory>(
      f.settings, "example.net",
      [&](const LdapSettings&) { return std::make_unique<FakeConnector>(f.world); }, f.clock);
  for (const char* typed : {"anna", "anna@example.com", "anna@example.net"}) {
    INFO(typed);
    CHECK(directory->find(*splitLogin(typed, "@", "example.net"))->id == "anna");
  }
}

TEST_CASE("two entries are refused") {
  Fixture f;
  f.addUser("o=main,o=isp", "anna");
  CHECK(f.id("anna") == "[conflict]");
  f.addUser("o=main,o=isp", "anna");
  CHECK(f.id("anna") == "[conflict]");
  f.world.put("o=isp", domainFilter("hosted.example"),
              entryOf("o=x,o=isp", {{"sunPreferredDomain", "hosted.example"}}));
  CHECK(f.id("anna@hosted.example") == "[conflict]");
}

TEST_CASE("without domains the whole tree is searched") {
  Fixture f;
  f.settings.searchForDomain = false;
  f.addUser("o=isp", "bert");
  CHECK(f.id("bert") == "bert");
  CHECK(f.id("bert@hosted.example") == "bert");
  CHECK(f.askedWith("sunPreferredDomain") == 0);
  f.addUser("o=isp", "bert");
  CHECK(f.id("bert") == "[conflict]");
}

TEST_CASE("a domain's own filter takes the place of the option") {
  Fixture f;
  f.world.put("o=isp", domainFilter("staff.example"),
              entryOf("o=staff,o=isp", {{"sunPreferredDomain", "staff.example"},
                                        {"inetDomainSearchFilter", "employeeNumber=%U"}}));
  f.world.put("o=staff,o=isp", "(employeeNumber=7)", entryOf("uid=ulla,o=staff,o=isp", {{"uid", "ulla"}}));
  CHECK(f.id("7@staff.example") == "ulla@staff.example");
  CHECK(f.id("ulla@staff.example") == "[not-found]");
}

TEST_CASE("an index node leads to its organisation") {
  Fixture f;
  f.world.put("o=isp", domainFilter("moved.example"),
              entryOf("dc=moved,o=isp",
                      {{"sunPreferredDomain", "moved.example"}, {"inetDomainBaseDN", "o=far,o=isp"}}));
  CHECK(f.id("anna@moved.example") == "[corrupt]");
  f.world.put("o=far,o=isp", "(objectClass=*)", entryOf("o=far,o=isp", {{"inetDomainStatus", "inactive"}}));
  f.addUser("o=far,o=isp", "anna");
  CHECK(f.id("anna@moved.example") == "anna@moved.example");
  CHECK(f.find("anna@moved.example")->status.inetDomain == AccountStatus::Inactive);
}

TEST_CASE("a domain cannot take the names of another's users") {
  Fixture f;
  // Its entry says that it is example.com, but its users are others.
  for (const char* attribute : {"inetCanonicalDomainName", "sunPreferredDomain"}) {
    INFO(attribute);
    f.world.put("o=isp", domainFilter("evil.example"),
                entryOf("o=evil,o=isp", {{attribute, "example.com"}, {"associatedDomain", "evil.example"}}));
    f.addUser("o=evil,o=isp", "boss");
    CHECK(f.id("boss@evil.example") == "[corrupt]");
    f.world.answers.erase("o=isp|" + domainFilter("evil.example"));
    f.world.answers.erase("o=evil,o=isp|" + userFilter("boss"));
  }
  // A domain inside of another one's tree has its users for itself.
  const Entry inner = entryOf("o=inner,o=main,o=isp", {{"sunPreferredDomain", "inner.example"}});
  f.world.put("o=isp", domainFilter("inner.example"), inner);
  f.world.put("o=inner,o=main,o=isp", kOwn, inner);
  const Entry boss = entryOf("uid=boss,ou=People,o=inner,o=main,o=isp", {{"uid", "boss"}});
  f.world.put("o=main,o=isp", userFilter("boss"), boss);
  f.world.put("o=inner,o=main,o=isp", userFilter("boss"), boss);
  CHECK(f.id("boss") == "[not-found]");
  CHECK(f.id("boss@inner.example") == "boss@inner.example");
}

TEST_CASE("Schema 1 finds domains in the tree of dc entries") {
  Fixture f;
  f.settings.schema = LdapSchema::One;
  constexpr const char* kNode = "(|(inetDomainBaseDN=*)(aliasedObjectName=*))";
  f.world.put("dc=example,dc=com,o=internet", kNode,
              entryOf("dc=example,dc=com,o=internet", {{"inetDomainBaseDN", "o=main,o=isp"}}));
  f.world.put("dc=other,dc=com,o=internet", kNode,
              entryOf("dc=other,dc=com,o=internet", {{"inetDomainBaseDN", "o=hosted,o=isp"},
                                                     {"inetCanonicalDomainName", "hosted.example"}}));
  f.world.put("dc=alias,dc=com,o=internet", kNode,
              entryOf("dc=alias,dc=com,o=internet", {{"aliasedObjectName", "dc=other,dc=com,o=internet"}}));
  f.world.put("dc=bad,dc=com,o=internet", kNode,
              entryOf("dc=bad,dc=com,o=internet", {{"aliasedObjectName", "o=x"}}));
  f.world.missing.insert("dc=none,dc=com,o=internet");
  CHECK(f.id("anna") == "anna");
  CHECK(f.id("anna@other.com") == "anna@hosted.example");
  CHECK(f.id("anna@alias.com") == "anna@hosted.example");
  CHECK(f.id("anna@bad.com") == "[corrupt]");
  CHECK(f.id("anna@none.com") == "[not-found]");
  CHECK(f.id("anna@com") == "[not-found]");
}

TEST_CASE("odd names are harmless") {
  Fixture f;
  for (const char* typed : {"*", "anna)(uid=*", "a\\", "(", "*@*", "anna@ex*mple.com", "anna@a)(b",
                            "anna@\\2a", "anna@-", "anna@a..b"}) {
    INFO(typed);
    CHECK(f.id(typed) == "[not-found]");
  }
  for (const std::string& key : f.world.asked) {
    INFO(key);
    CHECK(key.find("uid=*") == std::string::npos);
    CHECK(key.find("Domain=*") == std::string::npos);
  }
  // These are no names at all.
  for (const std::string& typed : {"a\0b"s, "\xFF\xFE"s, std::string(10'000, 'a'), ""s})
    CHECK_FALSE(splitLogin(typed, "@", "example.com"));
  const std::size_t before = f.world.asked.size();
  for (const std::string& address :
       {"a\0b@example.com"s, "\xFF@example.com"s, std::string(10'000, 'a') + "@example.com", ""s, "@"s})
    CHECK(f.idByAddress(address) == "[not-found]");
  CHECK(f.world.asked.size() == before);
  CHECK(f.idByAddress("*@*") == "[not-found]");
  CHECK(f.world.asked.back().find("(mail=\\2a@\\2a)") != std::string::npos);
}

TEST_CASE("an address belongs to the domain in whose tree its user is") {
  Fixture f;
  f.world.put(
      "o=isp", mailFilter("info@elsewhere.example"),
      entryOf("uid=anna,ou=People,o=hosted,o=isp", {{"uid", "anna"}, {"mail", "info@elsewhere.example"}}));
  CHECK(f.idByAddress("Info@Elsewhere.example") == "anna@hosted.example");
  CHECK(f.get().findByAddress("info@elsewhere.example")->status.mailDomain == AccountStatus::Hold);
  // Else as a login name.
  CHECK(f.idByAddress("anna@example.net") == "anna");
  CHECK(f.idByAddress("nobody@example.com") == "[not-found]");
  CHECK(f.idByAddress("anna@nowhere.example") == "[not-found]");
  // The nearest organisation is one that an index node leads to.
  f.world.put("o=isp", indexFilter("o=far,o=main,o=isp"),
              entryOf("dc=far,o=isp",
                      {{"sunPreferredDomain", "far.example"}, {"inetDomainBaseDN", "o=far,o=main,o=isp"}}));
  f.world.put("o=isp", domainFilter("far.example"),
              entryOf("dc=far,o=isp",
                      {{"sunPreferredDomain", "far.example"}, {"inetDomainBaseDN", "o=far,o=main,o=isp"}}));
  f.world.put("o=far,o=main,o=isp", "(objectClass=*)", entryOf("o=far,o=main,o=isp", {}));
  f.world.put("o=isp", mailFilter("f@far.example"), entryOf("uid=f,ou=x,o=far,o=main,o=isp", {{"uid", "f"}}));
  CHECK(f.idByAddress("f@far.example") == "f@far.example");
  // Two users with one address; one outside of every domain.
  f.world.put("o=isp", mailFilter("two@example.com"), entryOf("uid=a,o=main,o=isp", {{"uid", "a"}}));
  f.world.put("o=isp", mailFilter("two@example.com"), entryOf("uid=b,o=main,o=isp", {{"uid", "b"}}));
  CHECK(f.idByAddress("two@example.com") == "[conflict]");
  f.world.put("o=isp", mailFilter("lost@example.com"), entryOf("uid=l,o=isp", {{"uid", "l"}}));
  CHECK(f.idByAddress("lost@example.com") == "[corrupt]");
}

TEST_CASE("domains of Schema 1 that share a tree need one name") {
  Fixture f;
  f.settings.schema = LdapSchema::One;
  constexpr const char* kNode = "(|(inetDomainBaseDN=*)(aliasedObjectName=*))";
  const auto share = [&](const std::string& domain, const std::string& canonical) {
    const std::string dn = "dc=" + domain + ",dc=com,o=internet";
    Entry node = entryOf(dn, {{"inetDomainBaseDN", "o=hosted,o=isp"}});
    if (!canonical.empty()) node.attributes["inetcanonicaldomainname"] = {canonical};
    f.world.put(dn, kNode, node);
    f.world.put("o=internet", indexFilter("o=hosted,o=isp"), node);
  };
  f.world.put("o=isp", mailFilter("a@x.com"), entryOf("uid=anna,ou=P,o=hosted,o=isp", {{"uid", "anna"}}));
  share("x", "x.com");
  share("y", "x.com");
  CHECK(f.idByAddress("a@x.com") == "anna@x.com");
  f.get().forget();
  share("z", "");
  CHECK(f.idByAddress("a@x.com") == "[conflict]");
}

TEST_CASE("without domains mail for another domain is nobody's") {
  Fixture f;
  f.settings.searchForDomain = false;
  f.addUser("o=isp", "bert");
  CHECK(f.idByAddress("bert@example.com") == "bert");
  CHECK(f.idByAddress("bert@hosted.example") == "[not-found]");
}

TEST_CASE("a password is tried by a bind of its own") {
  Fixture f;
  const Account anna = *f.find("anna");
  CHECK(*f.get().verify(anna, Secret("right"s)) == PasswordCheck::Match);
  CHECK(*f.get().verify(anna, Secret("wrong"s)) == PasswordCheck::Mismatch);
  CHECK(f.world.bound == std::vector<std::string>{"uid=anna,o=main,o=isp", "uid=anna,o=main,o=isp"});
}

TEST_CASE("no empty password and no empty name is ever sent") {
  Fixture f;
  f.world.code = 0;  // a server that says yes to everything
  const Account anna = *f.find("anna");
  CHECK(*f.get().verify(anna, Secret(""s)) == PasswordCheck::Mismatch);
  CHECK(*f.get().verify(anna, Secret()) == PasswordCheck::Mismatch);
  CHECK(*f.get().verify(anna, Secret("\0"s)) == PasswordCheck::Mismatch);
  CHECK(*f.get().verify(anna, Secret("\0x"s)) == PasswordCheck::Mismatch);
  CHECK_FALSE(f.get().verify(Account{}, Secret("x"s)).ok());
  f.get().verifyNobody(Secret());
  CHECK(f.world.bound.empty());
  f.get().verifyNobody(Secret("x"s));
  REQUIRE(f.world.bound.size() == 1);
  CHECK(f.world.bound[0].ends_with(",o=isp"));
}

TEST_CASE("domains are remembered for a while, failures are not") {
  Fixture f;
  CHECK(f.id("anna") == "anna");
  CHECK(f.id("anna") == "anna");
  CHECK(f.askedWith(domainFilter("example.com")) == 1);
  f.clock.advance(60s);
  CHECK(f.id("anna") == "anna");
  CHECK(f.askedWith(domainFilter("example.com")) == 2);
  f.get().forget();
  CHECK(f.id("anna") == "anna");
  CHECK(f.askedWith(domainFilter("example.com")) == 3);
  CHECK(f.id("x@none.example") == "[not-found]");
  CHECK(f.id("x@none.example") == "[not-found]");
  CHECK(f.askedWith("none.example") == 2);
}

TEST_CASE("no server, no answer") {
  Fixture f;
  const Account anna = *f.find("anna");
  f.world.servers["one"].down = true;
  CHECK(f.id("anna") == "[unavailable]");
  CHECK(f.get().verify(anna, Secret("right"s)).error().code == Errc::Unavailable);
  CHECK(f.idByAddress("anna@example.com") == "[unavailable]");
  f.world.servers["one"].down = false;
  f.clock.advance(1s);
  CHECK(f.id("anna") == "anna");
}

TEST_CASE("a filter that cannot be used refuses everybody") {
  Fixture f;
  f.settings.searchFilter = "(uid=*)";
  CHECK(f.id("anna") == "[invalid]");
}

TEST_CASE("people are searched in their domain's tree, and a text is never a filter") {
  Fixture f;
  const auto filter = [](const std::string& part) {
    return "(&(uid=*)(|(uid=" + part + ")(cn=" + part + ")(mail=" + part + ")))";
  };
  f.world.put("o=main,o=isp", filter("*an*"),
              entryOf("uid=anna,o=main,o=isp", {{"uid", "anna"}, {"mail", "anna@mail.example"}}));
  const auto found = f.get().people("example.com", "an", 10);
  REQUIRE(found.ok());
  REQUIRE(found->size() == 1);
  CHECK(found->front().id == "anna");
  CHECK(f.get().people("example.com", "an", 0)->empty());
  CHECK(f.get().people("hosted.example", "an", 10)->empty());
  CHECK(f.get().people("example.com", "a*)(uid=*", 10)->empty());
  CHECK(f.askedWith(filter("*a\\2a\\29\\28uid=\\2a*")) == 1);
  CHECK(f.get().people("elsewhere.example", "an", 10).error().code == Errc::NotFound);
}
