// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/account_entry.h"

#include <catch2/catch.hpp>

#include "test/unit/auth/ldap/fakes.h"

using namespace posthorn;
using namespace posthorn::auth;
using namespace posthorn::auth::ldap;
using namespace posthorn::auth::ldap::test;
using namespace std::string_literals;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

Domain hosted() {
  Domain domain;
  domain.name = "hosted.example";
  domain.names = {"hosted.example", "alias.example"};
  domain.entry = domain.baseDn = "o=hosted,o=isp";
  return domain;
}

Result<Account> mapped(const Pairs& attributes, const Domain* domain = nullptr) {
  return toAccount(entryOf("uid=x,o=isp", attributes), domain, "example.com");
}

/// What is wrong with an entry that has these beside its uid; empty: nothing.
std::string wrong(Pairs more) {
  more.insert(more.begin(), {"uid", "anna"});
  const auto account = mapped(more);
  if (account.ok()) return "";
  CHECK(account.error().code == Errc::Corrupt);
  CHECK(account.error().text.find("uid=x,o=isp") != std::string::npos);
  return account.error().text;
}

std::string idOf(const std::string& uid, const Domain* domain) {
  const auto account = mapped({{"uid", uid}}, domain);
  return account.ok() ? account->id : "?";
}

}  // namespace

TEST_CASE("an entry becomes an account") {
  Domain domain = hosted();
  domain.mailStatus = AccountStatus::Hold;
  domain.services = "+pop:*";
  domain.mailQuota = "5M";
  domain.preferredLanguage = "fr";
  const auto account = mapped({{"uid", "Anna"},
                               {"mail", "Anna@Hosted.example"},
                               {"mailAlternateAddress", "a@hosted.example"},
                               {"mailAlternateAddress", "anna@hosted.example"},
                               {"mailEquivalentAddress", "b@hosted.example"},
                               {"cn", "Common"},
                               {"displayName", "Anna A."},
                               {"mailHost", "Mail.Example.com"},
                               {"mailMessageStore", "archive"},
                               {"mailMsgQuota", "100"},
                               {"inetUserStatus", "Active"},
                               {"mailUserStatus", "asleep"},
                               {"mailAllowedServiceAccess", "+imap:*"}},
                              &domain);
  REQUIRE(account.ok());
  CHECK(account->id == "anna@hosted.example");
  CHECK(account->entry == "uid=x,o=isp");
  CHECK(account->mail ==
        std::vector<std::string>{"anna@hosted.example", "a@hosted.example", "b@hosted.example"});
  CHECK(account->displayName == "Anna A.");
  CHECK(account->mailHost == "mail.example.com");
  CHECK(account->partition == "archive");
  CHECK(account->mailQuota == 5 << 20);
  CHECK(account->mailMsgQuota == 100);
  CHECK(account->status.mailDomain == AccountStatus::Hold);
  CHECK(account->status.inetUser == AccountStatus::Active);
  CHECK(account->status.mailUser == AccountStatus::Inactive);
  CHECK(account->userServices == "+imap:*");
  CHECK(account->domainServices == "+pop:*");
  CHECK(account->preferredLanguage == "fr");
}

TEST_CASE("what is not said has its default") {
  const auto account = mapped({{"uid", "anna"}});
  REQUIRE(account.ok());
  CHECK(account->id == "anna");
  CHECK(account->status.deciding() == AccountStatus::Active);
  CHECK_FALSE(account->mailQuota);
  CHECK_FALSE(account->userServices);
  CHECK(account->mailHost.empty());
  CHECK(account->partition.empty());
}

TEST_CASE("quotas as the directory writes them") {
  const auto quota = [](const std::string& text) {
    const auto account = mapped({{"uid", "anna"}, {"mailQuota", text}});
    REQUIRE(account.ok());
    return account->mailQuota;
  };
  CHECK(quota("0") == 0);
  CHECK(quota("-1") == -1);
  CHECK_FALSE(quota("-2"));
  CHECK(quota("10K") == 10 << 10);
  CHECK(quota("2G") == std::int64_t{2} << 30);
  CHECK(quota("20M;#voice%10M") == 20 << 20);
  for (const char* bad : {"", "x", "10T", "-3", "4097G", "1.5M", "99999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(wrong({{"mailQuota", bad}}).empty());
    CHECK_FALSE(wrong({{"mailMsgQuota", bad}}).empty());
  }
}

TEST_CASE("nothing is guessed from a damaged entry") {
  CHECK(mapped({}).error().code == Errc::Corrupt);
  CHECK(mapped({{"uid", "a"}, {"uid", "b"}}).error().code == Errc::Corrupt);
  for (const char* name : {"mailHost", "mailMessageStore", "mailQuota", "mailMsgQuota", "mailUserStatus",
                           "inetUserStatus", "mailAllowedServiceAccess", "preferredLanguage"}) {
    INFO(name);
    CHECK_FALSE(wrong({{name, "1"}, {name, "2"}}).empty());
  }
  CHECK_FALSE(wrong({{"mailHost", "a b"}}).empty());
  CHECK_FALSE(wrong({{"mailHost", "\xFF"}}).empty());
  CHECK_FALSE(wrong({{"mailMessageStore", "../x"}}).empty());
  CHECK_FALSE(wrong({{"mail", "a\nb"}}).empty());
  CHECK_FALSE(wrong({{"mail", std::string(400, 'x')}}).empty());
  CHECK_FALSE(wrong({{"mailAllowedServiceAccess", "+pop:*\0"s}}).empty());
  // A name for show alone keeps nobody out.
  CHECK(wrong({{"displayName", "\xFF\xFE"}, {"cn", "Anna"}}).empty());
}

TEST_CASE("a uid owns a mailbox only under a harmless name") {
  for (const char* bad :
       {"a/b", "../x", "a b", "*", "a%b", "a(b)", "-x", "anyone", "a\tb", "x@", "@x", "a@b@c", ""}) {
    INFO(bad);
    CHECK(idOf(bad, nullptr) == "?");
  }
  CHECK(idOf(std::string(300, 'a'), nullptr) == "?");
  CHECK(idOf("\xC3\x84nne", nullptr) == "\xC3\xA4nne");
  CHECK(idOf("\xFFx", nullptr) == "?");
}

TEST_CASE("ids name the domain in whose tree the user is") {
  Domain domain = hosted();
  CHECK(idOf("anna", &domain) == "anna@hosted.example");
  CHECK(idOf("anna@hosted.example", &domain) == "anna@hosted.example");
  CHECK(idOf("anna@alias.example", &domain) == "anna@hosted.example");
  // Who may write in this tree could otherwise name a user like one of another domain.
  CHECK(idOf("anna@example.com", &domain) == "?");
  domain.uidSeparator = "_";
  CHECK(idOf("anna_hosted.example", &domain) == "anna@hosted.example");
  CHECK(idOf("big_anna_hosted.example", &domain) == "big_anna@hosted.example");
  CHECK(idOf("anna_example.com", &domain) == "?");
  CHECK(idOf("anna", &domain) == "?");
  CHECK(idOf("_hosted.example", &domain) == "?");
  domain.isDefault = true;
  CHECK(idOf("anna_hosted.example", &domain) == "anna");
  domain.uidSeparator.clear();
  CHECK(idOf("anna", &domain) == "anna");
  // Without domains a uid is unique by itself.
  CHECK(idOf("anna@hosted.example", nullptr) == "anna@hosted.example");
  CHECK(idOf("anna@example.com", nullptr) == "?");
}
