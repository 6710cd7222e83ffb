// SPDX-License-Identifier: Apache-2.0
// login.h: explain(), the same judgement told step by step.
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "common/auth/login.h"
#include "test/unit/auth/support.h"

namespace posthorn::auth {
namespace {

using test::FakeDirectory;

class Notes final : public Trace {
 public:
  void note(Step step, std::string_view what, std::string_view value) override {
    lines.push_back(std::string(toString(step)) + " " + std::string(what) + "=" + std::string(value));
  }
  [[nodiscard]] bool has(const std::string& line) const {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
  }
  std::vector<std::string> lines;
};

struct Fixture {
  FakeDirectory directory;
  Settings settings;
  Notes notes;

  Fixture() {
    settings.defaultDomain = "example.com";
    settings.hostname = "mail.example.com";
    settings.loginSeparator = "@+";
    directory.add("anna", "secret");
    directory.add("bert@hosted.example", "secret");
  }
  // "id" of an account that would be let in, "reason" in brackets otherwise.
  std::string say(const std::string& login, const std::string& password = {}, bool tls = false) {
    notes.lines.clear();
    const LoginContext context{settings, directory, nullptr, {}, {}};
    Attempt attempt;
    attempt.login = login;
    attempt.mechanism = "LOGIN";
    attempt.password = Secret(password);
    attempt.tls = tls;
    const auto said = explain(context, attempt, notes);
    if (const auto* refusal = std::get_if<Refusal>(&said))
      return "[" + std::string(toString(refusal->reason)) + "]";
    return std::get<Account>(said).id;
  }
};

TEST_CASE("an explanation tells what decides, in the order of the steps") {
  Fixture f;
  f.directory.accounts["bert@hosted.example"].domainServices = "+pops:*";
  CHECK(f.say("Bert+Hosted.Example", {}, true) == "bert@hosted.example");
  CHECK(f.notes.lines ==
        std::vector<std::string>{
            "name typed=Bert+Hosted.Example", "name base.loginseparator=@+", "name user=bert",
            "name domain=hosted.example", "entry account=bert@hosted.example",
            "password check=left out: no password was given", "status inetDomainStatus=active",
            "status mailDomainStatus=active", "status inetUserStatus=active", "status mailUserStatus=active",
            "status deciding=active", "host mailHost=not set: here", "host this host=mail.example.com",
            "service mailDomainAllowedServiceAccess=+pops:*"});
  CHECK(f.say("bert@hosted.example") == "[service-denied]");
}

TEST_CASE("without a password none is looked at, with one it is") {
  Fixture f;
  CHECK(f.say("anna") == "anna");
  CHECK(f.directory.verifies == 0);
  CHECK(f.say("anna", "secret") == "anna");
  CHECK(f.notes.has("password check=right"));
  CHECK(f.say("anna", "wrong") == "[bad-password]");
  CHECK(f.directory.verifies == 2);
  // Nothing is spent on hiding who exists from him who may read it all.
  CHECK(f.say("nobody") == "[no-such-user]");
  CHECK(f.directory.dummies == 0);
}

TEST_CASE("an explanation refuses at each step as a login does") {
  Fixture f;
  Account& anna = f.directory.accounts["anna"];
  CHECK(f.say("an\x01na") == "[bad-name]");
  anna.status.mailDomain = AccountStatus::Disabled;
  CHECK(f.say("anna") == "[disabled]");
  CHECK(f.notes.has("status mailDomainStatus=disabled"));
  CHECK(f.notes.has("status deciding=disabled"));
  anna.status.mailDomain = AccountStatus::Active;
  anna.mailHost = "store2.example.com";
  CHECK(f.say("anna") == "[wrong-host]");
  CHECK(f.notes.has("host mailHost=store2.example.com"));
  anna.mailHost.clear();
  anna.domainServices = "+pop:*";
  anna.userServices = "sometimes";
  CHECK(f.say("anna") == "[bad-service-filter]");
  f.directory.trouble = Errc::Conflict;
  CHECK(f.say("anna") == "[ambiguous]");
  f.directory.trouble = Errc::Timeout;
  CHECK(f.say("anna") == "[temporary]");
}

TEST_CASE("a login tells nobody and needs a password") {
  Fixture f;
  Attempt attempt;
  attempt.login = "anna";
  const LoginContext context{f.settings, f.directory, nullptr, {}, {}};
  const Outcome outcome = login(context, attempt);
  REQUIRE(std::holds_alternative<Refusal>(outcome));
  CHECK(std::get<Refusal>(outcome).reason == Reason::EmptyPassword);
  CHECK(f.notes.lines.empty());
}

}  // namespace
}  // namespace posthorn::auth
