// SPDX-License-Identifier: Apache-2.0
#include "common/auth/login.h"

#include <catch2/catch.hpp>

#include "common/auth/authenticator.h"
#include "common/auth/nobody.h"
#include "test/unit/auth/support.h"

namespace posthorn::auth {
namespace {

using test::FakeDirectory;

struct Fixture {
  ManualClock clock;
  FakeDirectory directory;
  Settings settings;
  Cache cache{10, std::chrono::seconds{900}, clock};
  LoginContext context{settings, directory, nullptr, {}, {}};

  Fixture() {
    settings.defaultDomain = "example.com";
    settings.hostname = "mail.example.com";
    settings.loginSeparator = "@+";
    settings.admins = {"admin", "operator"};
    settings.proxyAdmin = "webproxy";
    directory.add("anna", "secret");
    directory.add("bert@hosted.example", "secret");
    directory.add("admin", "secret");
    directory.add("webproxy", "secret");
  }
  static Attempt attempt(std::string login, std::string password = "secret", std::string authzid = {}) {
    Attempt a;
    a.mechanism = "PLAIN";
    a.address = "192.0.2.1";
    a.login = std::move(login);
    a.authzid = std::move(authzid);
    a.password = Secret(std::move(password));
    return a;
  }
  Outcome run(const Attempt& a) { return login(context, a); }
  // "id" of a login that passed, "reason" in brackets otherwise.
  std::string say(const Attempt& a) {
    const Outcome outcome = run(a);
    if (const auto* refusal = std::get_if<Refusal>(&outcome))
      return "[" + std::string(toString(refusal->reason)) + "]";
    return std::get<Login>(outcome).account.id;
  }
  std::string say(const std::string& login, const std::string& password = "secret",
                  const std::string& authzid = {}) {
    return say(attempt(login, password, authzid));
  }
};

TEST_CASE("names are split, completed and matched") {
  Fixture f;
  CHECK(f.say("anna") == "anna");
  CHECK(f.say("ANNA") == "anna");
  CHECK(f.say("anna@example.com") == "anna");
  CHECK(f.say("anna+Example.COM") == "anna");
  CHECK(f.say("bert@hosted.example") == "bert@hosted.example");
  CHECK(f.say("bert+hosted.example") == "bert@hosted.example");
  CHECK(f.say("bert") == "[no-such-user]");
  f.settings.loginSeparator = "@";
  CHECK(f.say("bert+hosted.example") == "[no-such-user]");
}

TEST_CASE("each refusal has its reason") {
  Fixture f;
  CHECK(f.say("anna", "wrong") == "[bad-password]");
  CHECK(f.say("nobody") == "[no-such-user]");
  CHECK(f.say("anna@") == "[bad-name]");
  CHECK(f.say("") == "[bad-name]");
  CHECK(f.say(std::string("an\0na", 5)) == "[bad-name]");
  CHECK(f.say("an\xFFna") == "[bad-name]");
  CHECK(f.say("an\nna") == "[bad-name]");
  CHECK(f.say(std::string(2000, 'a')) == "[bad-name]");
  CHECK(f.say("anna", std::string(2000, 'a')) == "[password-too-long]");
  CHECK(f.say("anna", std::string("sec\0ret", 7)) == "[bad-password]");
}

TEST_CASE("an empty password never reaches the directory") {
  Fixture f;
  CHECK(f.say("anna", "") == "[empty-password]");
  // SOFT HYPHEN alone is nothing once prepared.
  CHECK(f.say("anna", "\xC2\xAD") == "[bad-password]");
  CHECK(f.directory.finds == 0);
  CHECK(f.directory.verifies == 0);
}

TEST_CASE("an unknown user costs one hash, as a wrong password does") {
  Fixture f;
  CHECK(f.say("nobody") == "[no-such-user]");
  CHECK(f.directory.dummies == 1);
  CHECK(f.say("anna", "wrong") == "[bad-password]");
  CHECK(f.directory.dummies == 1);
  CHECK(f.directory.verifies == 1);
}

TEST_CASE("the directory's troubles have their reasons") {
  Fixture f;
  const auto with = [&](Errc code) {
    f.directory.trouble = code;
    return f.say("anna");
  };
  CHECK(with(Errc::Unavailable) == "[temporary]");
  CHECK(with(Errc::Timeout) == "[temporary]");
  CHECK(f.directory.dummies == 0);
  CHECK(with(Errc::Conflict) == "[ambiguous]");
  CHECK(with(Errc::Corrupt) == "[damaged-entry]");
  CHECK(f.directory.dummies == 2);
  CHECK(with(Errc::Io) == "[internal]");
  f.directory.trouble.reset();
  f.directory.verifyTrouble = Errc::Unavailable;
  CHECK(f.say("anna") == "[temporary]");
}

TEST_CASE("each verdict on a password has its reason") {
  Fixture f;
  const auto with = [&](PasswordCheck check) {
    f.directory.answer = check;
    return f.say("anna");
  };
  CHECK(with(PasswordCheck::Match) == "anna");
  CHECK(with(PasswordCheck::Mismatch) == "[bad-password]");
  CHECK(with(PasswordCheck::NoPassword) == "[no-password]");
  CHECK(with(PasswordCheck::Expired) == "[password-expired]");
  CHECK(with(PasswordCheck::MustChange) == "[password-must-change]");
  CHECK(with(PasswordCheck::Locked) == "[account-locked]");
}

TEST_CASE("the first status that is not active decides") {
  Fixture f;
  StatusChain& status = f.directory.accounts["anna"].status;
  status.mailUser = AccountStatus::Overquota;
  CHECK(f.say("anna") == "anna");
  status.mailUser = AccountStatus::Deleted;
  CHECK(f.say("anna") == "[deleted]");
  status.inetUser = AccountStatus::Inactive;
  CHECK(f.say("anna") == "[inactive]");
  status.mailDomain = AccountStatus::Hold;
  CHECK(f.say("anna") == "[on-hold]");
  status.inetDomain = AccountStatus::Disabled;
  CHECK(f.say("anna") == "[disabled]");
  status.inetDomain = AccountStatus::Removed;
  CHECK(f.say("anna") == "[deleted]");
  // Who does not know the password is not told.
  CHECK(f.say("anna", "wrong") == "[bad-password]");
  // A domain over its quota does not let in a user who is barred.
  f.directory.accounts["anna"].status = {};
  f.directory.accounts["anna"].status.mailDomain = AccountStatus::Overquota;
  CHECK(f.say("anna") == "anna");
  f.directory.accounts["anna"].status.mailUser = AccountStatus::Inactive;
  CHECK(f.say("anna") == "[inactive]");
}

TEST_CASE("a mailbox elsewhere is refused") {
  Fixture f;
  Account& anna = f.directory.accounts["anna"];
  anna.mailHost = "mail.example.com";
  CHECK(f.say("anna") == "anna");
  anna.mailHost = "MAIL.example.com";
  CHECK(f.say("anna") == "anna");
  anna.mailHost = "other.example.com";
  CHECK(f.say("anna") == "[wrong-host]");
}

TEST_CASE("services are judged by user, then by domain") {
  Fixture f;
  Account& anna = f.directory.accounts["anna"];
  anna.domainServices = "+imap:*";
  CHECK(f.say("anna") == "[service-denied]");
  anna.userServices = "+pop:*";
  CHECK(f.say("anna") == "anna");
  anna.userServices = "+pops:*";
  CHECK(f.say("anna") == "[service-denied]");
  Attempt overTls = Fixture::attempt("anna");
  overTls.tls = true;
  CHECK(f.say(overTls) == "anna");
  anna.userServices = "+pop:192.0.2.0";
  CHECK(f.say("anna") == "[bad-service-filter]");
}

TEST_CASE("only administrators act for others") {
  Fixture f;
  CHECK(f.say("anna", "secret", "bert@hosted.example") == "[proxy-denied]");
  CHECK(f.say("anna", "secret", "nobody") == "[proxy-denied]");
  CHECK(f.say("anna", "secret", "anna") == "anna");
  CHECK(f.say("anna", "secret", "Anna@Example.com") == "anna");
  CHECK(f.say("admin", "secret", "anna") == "anna");
  CHECK(f.say("admin", "wrong", "anna") == "[bad-password]");
  CHECK(f.say("admin", "secret", "nobody") == "[no-such-target]");
  CHECK(f.say("admin", "secret", "bad@") == "[no-such-target]");
  CHECK(f.say("anna", "secret", "bad@") == "[proxy-denied]");
  const Outcome outcome = f.run(Fixture::attempt("admin", "secret", "anna"));
  const auto& login = std::get<Login>(outcome);
  CHECK(login.by == "admin");
  CHECK(login.proxied());
  CHECK_FALSE(login.admin);
  const Outcome own = f.run(Fixture::attempt("admin"));
  CHECK(std::get<Login>(own).admin);
  CHECK_FALSE(std::get<Login>(own).proxied());
}

TEST_CASE("the target of a proxy login is judged, and so is who asks") {
  Fixture f;
  f.directory.accounts["anna"].status.mailUser = AccountStatus::Inactive;
  CHECK(f.say("admin", "secret", "anna") == "[inactive]");
  f.directory.accounts["anna"].status = {};
  f.directory.accounts["anna"].mailHost = "other.example.com";
  CHECK(f.say("admin", "secret", "anna") == "[wrong-host]");
  f.directory.accounts["anna"].mailHost.clear();
  f.directory.accounts["anna"].userServices = "-pop:*";
  CHECK(f.say("admin", "secret", "anna") == "[service-denied]");
  f.directory.accounts["anna"].userServices.reset();
  f.directory.accounts["admin"].status.mailUser = AccountStatus::Inactive;
  CHECK(f.say("admin", "secret", "anna") == "[inactive]");
}

TEST_CASE("the proxy user's logins at imapd have been judged as http") {
  Fixture f;
  f.directory.accounts["anna"].userServices = "+http:*";
  Attempt a = Fixture::attempt("webproxy", "secret", "anna");
  a.service = config::Service::Imap;
  CHECK(f.say(a) == "anna");
  a.service = config::Service::Pop;
  CHECK(f.say(a) == "[service-denied]");
  // An administrator's are judged as imap, and so is the user's own.
  a = Fixture::attempt("admin", "secret", "anna");
  a.service = config::Service::Imap;
  CHECK(f.say(a) == "[service-denied]");
  f.directory.accounts["webproxy"].userServices = "-imap:*";
  a = Fixture::attempt("webproxy");
  a.service = config::Service::Imap;
  CHECK(f.say(a) == "[service-denied]");
}

TEST_CASE("a proxy user says whose login it is, and nobody else does") {
  Fixture f;
  const auto from = [&f](const std::string& login, const std::string& password, const std::string& authzid) {
    Attempt a = Fixture::attempt(login, password, authzid);
    a.claimed = "198.51.100.7";
    const Outcome outcome = f.run(a);
    return std::visit([](const auto& said) { return said.address; }, outcome);
  };
  const std::string peer = "192.0.2.1";
  const std::string claimed = "198.51.100.7";
  CHECK(from("admin", "secret", "anna") == claimed);
  CHECK(from("webproxy", "secret", "anna") == claimed);
  CHECK(from("webproxy", "secret", "") == claimed);
  CHECK(from("webproxy", "secret", "nobody") == claimed);
  // A password that is not right proves nothing.
  CHECK(from("webproxy", "wrong", "anna") == peer);
  CHECK(from("anna", "secret", "") == peer);
  CHECK(from("anna", "secret", "bert@hosted.example") == peer);
  CHECK(from("", "secret", "") == peer);
  const Outcome plain = f.run(Fixture::attempt("admin", "secret", "anna"));
  CHECK(std::get<Login>(plain).address == peer);
}

TEST_CASE("who may act for others is told") {
  Fixture f;
  const auto isProxyUser = [&f](const Attempt& a) { return std::get<Login>(f.run(a)).proxyUser; };
  CHECK(isProxyUser(Fixture::attempt("admin")));
  CHECK(isProxyUser(Fixture::attempt("webproxy", "secret", "anna")));
  CHECK_FALSE(isProxyUser(Fixture::attempt("anna")));
  CHECK_FALSE(isProxyUser(Fixture::attempt("anna", "secret", "anna")));
}

TEST_CASE("who has shown a password goes on as another user when he may") {
  Fixture f;
  const auto goOn = [&f](const std::string& by, const std::string& authzid) -> std::string {
    Attempt a = Fixture::attempt("ignored", "ignored", authzid);
    a.service = config::Service::Imap;
    const Outcome outcome = switchUser(f.context, a, by);
    if (const auto* refusal = std::get_if<Refusal>(&outcome))
      return "[" + std::string(toString(refusal->reason)) + "]";
    const auto& login = std::get<Login>(outcome);
    CHECK(login.by == by);
    CHECK(login.proxyUser);
    return login.account.id;
  };
  CHECK(goOn("admin", "anna") == "anna");
  CHECK(goOn("webproxy", "bert+hosted.example") == "bert@hosted.example");
  CHECK(goOn("admin", "admin") == "admin");
  CHECK(goOn("admin", "") == "[no-such-target]");
  CHECK(goOn("admin", "nobody") == "[no-such-target]");
  CHECK(goOn("anna", "bert@hosted.example") == "[proxy-denied]");
  CHECK(goOn("anna", "nobody") == "[proxy-denied]");
  CHECK(goOn("bert@hosted.example", "anna") == "[proxy-denied]");
  CHECK(f.directory.verifies == 0);
  f.directory.accounts["anna"].status.inetUser = AccountStatus::Inactive;
  CHECK(goOn("admin", "anna") == "[inactive]");
  f.directory.accounts["anna"].status = {};
  // Whoever may no longer log in may no longer act for others, and who is gone neither.
  f.directory.accounts["admin"].status.mailUser = AccountStatus::Disabled;
  CHECK(goOn("admin", "anna") == "[disabled]");
  f.directory.accounts.erase("admin");
  CHECK(goOn("admin", "anna") == "[proxy-denied]");
  f.settings.admins.clear();
  CHECK(goOn("webproxy", "anna") == "anna");
  f.settings.proxyAdmin.clear();
  CHECK(goOn("webproxy", "anna") == "[proxy-denied]");
}

TEST_CASE("mshttpd's proxy user brings users of other hosts to imapd as visitors without room") {
  Fixture f;
  f.directory.accounts["anna"].mailHost = "other.example.com";
  f.directory.accounts["anna"].mailQuota = -1;
  const auto visit = [&f](const std::string& by, config::Service service) {
    Attempt a = Fixture::attempt(by, "secret", "anna");
    a.service = service;
    return login(f.context, a);
  };
  const Outcome outcome = visit("webproxy", config::Service::Imap);
  REQUIRE(std::holds_alternative<Login>(outcome));
  CHECK(std::get<Login>(outcome).visitor);
  CHECK(std::get<Login>(outcome).account.mailQuota == 0);
  CHECK(std::get<Login>(outcome).account.mailMsgQuota == 0);
  const auto refusedAs = [](const Outcome& said) {
    const auto* refusal = std::get_if<Refusal>(&said);
    return refusal != nullptr ? toString(refusal->reason) : "passed";
  };
  CHECK(refusedAs(visit("webproxy", config::Service::Pop)) == "wrong-host");
  CHECK(refusedAs(visit("admin", config::Service::Imap)) == "wrong-host");
  f.directory.accounts["anna"].mailHost.clear();
  CHECK_FALSE(std::get<Login>(visit("webproxy", config::Service::Imap)).visitor);
}

TEST_CASE("mshttpd's proxy user alone brings nobody, and only to imapd") {
  Fixture f;
  const auto bring = [&f](const std::string& by, config::Service service, std::string_view whom) {
    Attempt a = Fixture::attempt(by, "secret", std::string(whom));
    a.service = service;
    return login(f.context, a);
  };
  const auto refusedAs = [](const Outcome& said) {
    const auto* refusal = std::get_if<Refusal>(&said);
    return refusal != nullptr ? toString(refusal->reason) : "passed";
  };
  const Outcome outcome = bring("webproxy", config::Service::Imap, kNobody);
  REQUIRE(std::holds_alternative<Login>(outcome));
  CHECK(std::get<Login>(outcome).account.id == kNobody);
  CHECK(std::get<Login>(outcome).visitor);
  CHECK(std::get<Login>(outcome).account.mailQuota == 0);
  CHECK(refusedAs(bring("webproxy", config::Service::Pop, kNobody)) == "no-such-target");
  CHECK(refusedAs(bring("webproxy", config::Service::Http, kNobody)) == "no-such-target");
  CHECK(refusedAs(bring("webproxy", config::Service::Imap, "anonymous")) == "no-such-target");
  CHECK(refusedAs(bring("admin", config::Service::Imap, kNobody)) == "no-such-target");
  CHECK(refusedAs(bring("anna", config::Service::Imap, kNobody)) == "proxy-denied");
  CHECK(f.say(std::string(kNobody)) == "[no-such-user]");
}

TEST_CASE("a process may refuse before and after") {
  Fixture f;
  f.context.admit = [](const Attempt&) { return std::optional<Reason>(Reason::Throttled); };
  CHECK(f.say("anna") == "[throttled]");
  CHECK(f.directory.finds == 0);
  f.context.admit = nullptr;
  f.context.admitAccount = [](const Account& account) {
    return account.id == "anna" ? std::optional<Reason>(Reason::Quarantined) : std::nullopt;
  };
  CHECK(f.say("anna") == "[quarantined]");
  CHECK(f.say("anna", "wrong") == "[bad-password]");
  CHECK(f.say("admin") == "admin");
}

TEST_CASE("what a gate throws is a refusal") {
  Fixture f;
  f.context.admit = [](const Attempt&) -> std::optional<Reason> { throw std::bad_alloc(); };
  CHECK(f.say("anna") == "[internal]");
}

TEST_CASE("passwords are prepared") {
  Fixture f;
  f.directory.passwords["anna"] = "IX";
  CHECK(f.say("anna", "I\xC2\xADX") == "anna");  // RFC 4013 section 3, example 1
  CHECK(f.directory.lastPassword == "IX");
}

TEST_CASE("the cache spares the directory, but not the judgement") {
  Fixture f;
  f.context.cache = &f.cache;
  CHECK(f.say("anna") == "anna");
  CHECK(f.say("anna@example.com") == "anna");
  CHECK(f.directory.verifies == 1);
  CHECK(f.say("anna", "wrong") == "[bad-password]");
  CHECK(f.say("anna") == "anna");
  CHECK(f.directory.verifies == 2);
  f.settings.hostname = "moved.example.com";
  f.directory.accounts["anna"].mailHost = "mail.example.com";
  CHECK(f.say("anna") == "anna");  // as remembered
  ++f.directory.revisionNow;
  CHECK(f.say("anna") == "[wrong-host]");
  f.clock.advance(std::chrono::seconds{901});
  CHECK(f.say("anna") == "[wrong-host]");
  CHECK(f.directory.verifies == 4);
}

TEST_CASE("the authenticator takes new settings") {
  ManualClock clock;
  Settings settings;
  auto owned = std::make_unique<FakeDirectory>();
  owned->add("anna@example.com", "secret");
  FakeDirectory& directory = *owned;
  Authenticator authenticator(settings, std::move(owned), clock);
  const auto attempt = Fixture::attempt("anna@example.com");
  CHECK(std::holds_alternative<Login>(authenticator.login(attempt)));
  directory.accounts["anna@example.com"].mailHost = "mail.example.com";
  authenticator.flush();
  CHECK(std::holds_alternative<Refusal>(authenticator.login(attempt)));
  settings.hostname = "mail.example.com";
  const int verifies = directory.verifies;
  authenticator.configure(settings);
  CHECK(std::holds_alternative<Login>(authenticator.login(attempt)));
  CHECK(directory.verifies == verifies + 1);  // a refresh forgets what was remembered
  CHECK(authenticator.settings()->hostname == "mail.example.com");
}

}  // namespace
}  // namespace posthorn::auth
