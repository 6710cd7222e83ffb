// SPDX-License-Identifier: Apache-2.0
#include "common/auth/file/user_line.h"

#include <random>

#include <catch2/catch.hpp>

namespace posthorn::auth {
namespace {

const std::string kHash = "$1$0w1WTSyL$7QIxvsGM/rbIZsUqAafve1";

TEST_CASE("a whole line comes back as it was written") {
  const std::string line =
      "anna:{CRYPT}" + kHash +
      ":mail=anna@example.com,a.ander@example.com:cn=Anna%3A Ander 100%25:mailHost=mail.example.com"
      ":mailQuota=1048576:mailMsgQuota=-1:inetUserStatus=hold:mailUserStatus=inactive"
      ":mailAllowedServiceAccess=+pop,imap%3A*:mailMessageStore=second:preferredLanguage=de";
  const auto user = parseUserLine(line);
  REQUIRE(user.ok());
  const Account& a = user->account;
  CHECK(a.id == "anna");
  CHECK(a.entry == "anna");
  CHECK(a.mail == std::vector<std::string>{"anna@example.com", "a.ander@example.com"});
  CHECK(a.displayName == "Anna: Ander 100%");
  CHECK(a.mailHost == "mail.example.com");
  CHECK(a.mailQuota == 1048576);
  CHECK(a.mailMsgQuota == -1);
  CHECK(a.status.inetUser == AccountStatus::Hold);
  CHECK(a.status.mailUser == AccountStatus::Inactive);
  CHECK(a.userServices == "+pop,imap:*");
  CHECK(a.partition == "second");
  CHECK(a.preferredLanguage == "de");
  CHECK(user->hash == kHash);
  CHECK(formatUserLine(*user) == line);
}

TEST_CASE("short lines, hashes without a password, units") {
  CHECK(parseUserLine("anna:" + kHash)->hash == kHash);
  CHECK(parseUserLine("anna:")->hash.empty());
  CHECK(parseUserLine("anna:!" + kHash)->hash.empty());
  CHECK(parseUserLine("anna:*")->hash.empty());
  CHECK(parseUserLine("anna::mailQuota=10M")->account.mailQuota == 10 << 20);
  CHECK_FALSE(parseUserLine("anna::mailQuota=-2")->account.mailQuota);
  CHECK(parseUserLine("anna@hosted.example:")->account.id == "anna@hosted.example");
}

TEST_CASE("what is not understood is never passed over") {
  for (const std::string& bad : std::vector<std::string>{
           "", "anna", ":", "Anna:", "an na:", "anna:x", "anna:{PLAIN}secret", "anna::mail", "anna::=x",
           "anna::mail=", "anna::unknown=x", "anna::quota=10M", "anna::mailQuota=10", "anna::mailQuota=x"}) {
    INFO(bad);
    CHECK(parseUserLine(bad).ok() == (bad == "anna::mailQuota=10"));
  }
  for (const std::string& bad : std::vector<std::string>{
           "anna::mailUserStatus=activ", "anna::mailUserStatus=hold:mailuserstatus=active", "anna::cn=%4",
           "anna::cn=%zz", "anna::cn=a\tb", "anna::cn=a%0Ab", "anna::cn=\xFF", "anna::mailHost=a/b",
           "anna::mailMessageStore=../x", "anna::mailAllowedServiceAccess=pop", "anna::mail=anna",
           "anna::mail=@x", "anna::mail=a@x,a@x", "anna::preferredLanguage=a b",
           "anna::cn=" + std::string(9000, 'a')}) {
    INFO(bad.substr(0, 80));
    CHECK_FALSE(parseUserLine(bad).ok());
  }
}

TEST_CASE("no error names a hash") {
  const std::string line = "anna:{CRYPT}" + kHash + "x:cn=A";
  const auto user = parseUserLine(line);
  REQUIRE_FALSE(user.ok());
  CHECK(user.error().text.find("7QIxvs") == std::string::npos);
}

TEST_CASE("domains have lines too") {
  const std::string line =
      "@hosted.example::inetDomainStatus=hold:mailDomainStatus=inactive:mailAllowedServiceAccess=+pop%3A*";
  const auto domain = parseDomainLine(line);
  REQUIRE(domain.ok());
  CHECK(domain->domain == "hosted.example");
  CHECK(domain->inetStatus == AccountStatus::Hold);
  CHECK(domain->mailStatus == AccountStatus::Inactive);
  CHECK(domain->services == "+pop:*");
  CHECK(formatDomainLine(*domain) == line);
  for (const char* bad :
       {"@:", "hosted::", "@hosted:x", "@hosted::status=hold", "@hosted::mailDomainStatus=x",
        "@hosted::mailQuota=1", "@Hosted:", "@hosted::mailAllowedServiceAccess=x"})
    CHECK_FALSE(parseDomainLine(bad).ok());
}

TEST_CASE("any octets: no crash, and what parses is what it writes") {
  std::mt19937 random(7);  // NOLINT: the same every time
  const std::string valid = "anna:" + kHash + ":mail=a@b.c:cn=A%3AB:mailQuota=10M:mailUserStatus=hold";
  for (int round = 0; round < 20000; ++round) {
    std::string line = valid;
    for (std::size_t i = 0, n = 1 + random() % 4; i < n; ++i) {
      const std::size_t at = random() % line.size();
      if (random() % 3 == 0) {
        line.erase(at, 1 + random() % 5);
      } else {
        line[at] = static_cast<char>(random());
      }
      if (line.empty()) line = ":";
    }
    const auto user = parseUserLine(line);
    if (!user) continue;
    const std::string written = formatUserLine(*user);
    const auto again = parseUserLine(written);
    REQUIRE(again.ok());
    CHECK(formatUserLine(*again) == written);
  }
}

}  // namespace
}  // namespace posthorn::auth
