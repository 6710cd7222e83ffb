// SPDX-License-Identifier: Apache-2.0
#include "common/auth/login_way.h"

#include <catch2/catch.hpp>

#include "test/unit/auth/support.h"

namespace posthorn::auth {
namespace {

using std::chrono::milliseconds;

/// A session that writes down what it is asked for, and goes on when the test says so.
struct FakeSession {
  ManualClock clock;
  std::shared_ptr<Authenticator> logins;
  test::FakeDirectory* directory = nullptr;
  std::vector<milliseconds> waits;
  std::function<void()> then;
  bool takesJobs = true;
  bool jobThrows = false;
  std::optional<Reason> reason;
  std::optional<Login> login;
  std::string mechanism;
  int answers = 0;

  FakeSession() {
    auto made = std::make_unique<test::FakeDirectory>();
    made->add("anna", "secret");
    directory = made.get();
    Settings settings;
    settings.defaultDomain = "example.com";
    logins = std::make_shared<Authenticator>(settings, std::move(made), clock);
    logins->throttle().setDelays(milliseconds{2000}, milliseconds{15000});
  }

  LoginHooks hooks() {
    LoginHooks hooks;
    hooks.wait = [this](milliseconds wait, std::function<void()> next) {
      if (wait.count() <= 0) return next();
      waits.push_back(wait);
      then = std::move(next);
    };
    hooks.job = [this](const std::function<Result<Judged>()>& work,
                       const std::function<void(Result<Judged>)>& done) -> Status {
      if (!takesJobs) return makeError(Errc::Unavailable, "full");
      if (jobThrows)
        done(makeError(Errc::Internal, "threw"));
      else
        done(work());
      return okStatus();
    };
    hooks.passed = [this](const Login& passed, const std::string& how) {
      ++answers;
      login = passed;
      mechanism = how;
    };
    hooks.refused = [this](Reason why) {
      ++answers;
      reason = why;
    };
    return hooks;
  }

  void tries(const std::string& password) {
    Attempt attempt;
    attempt.address = "192.0.2.1";
    attempt.mechanism = "PLAIN";
    attempt.login = "anna";
    attempt.password = Secret(password);
    reason.reset();
    login.reset();
    logIn(logins, std::move(attempt), hooks());
  }
};

}  // namespace

TEST_CASE("a right password passes at once, with its mechanism") {
  FakeSession session;
  session.tries("secret");
  REQUIRE(session.login);
  CHECK(session.login->account.id == "anna");
  CHECK(session.mechanism == "PLAIN");
  CHECK(session.waits.empty());
  CHECK(session.answers == 1);
}

TEST_CASE("a wrong guess is answered after its delay, and the next attempt waits for its turn") {
  FakeSession session;
  session.tries("wrong");
  CHECK_FALSE(session.reason);  // not yet
  REQUIRE(session.waits.size() == 1);
  CHECK(session.waits[0] >= milliseconds{2000});
  session.then();
  CHECK(session.reason == Reason::BadPassword);

  session.tries("secret");
  CHECK_FALSE(session.login);
  REQUIRE(session.waits.size() == 2);
  CHECK(session.directory->verifies == 1);  // nothing is judged before its time
  session.then();
  CHECK(session.login);
  CHECK(session.answers == 2);
}

TEST_CASE("a proxy user who has shown his password waits for nobody's guesses") {
  FakeSession session;
  Settings settings = *session.logins->settings();
  settings.admins = {"anna"};
  session.logins->configure(settings);
  session.logins->throttle().setDelays(milliseconds{2000}, milliseconds{15000});
  session.tries("wrong");
  session.then();
  session.tries("secret");
  CHECK_FALSE(session.login);
  session.then();
  CHECK(session.login);
  REQUIRE(session.waits.size() == 2);
  session.tries("secret");
  CHECK(session.login);
  CHECK(session.waits.size() == 2);
  session.tries("wrong, too");
  CHECK(session.waits.size() == 3);
}

TEST_CASE("an address with too many waiting attempts is refused without a job") {
  FakeSession session;
  session.tries("wrong");
  session.then();
  for (std::size_t i = 0; i < Throttle::kMaxWaiting; ++i) session.tries("secret");
  const int verifies = session.directory->verifies;
  session.tries("secret");
  CHECK(session.reason == Reason::Throttled);
  CHECK(session.directory->verifies == verifies);
}

TEST_CASE("our own trouble is no guess: no delay, and the right class") {
  FakeSession session;
  SECTION("the pool is full") {
    session.takesJobs = false;
    session.tries("secret");
    CHECK(session.reason == Reason::Temporary);
  }
  SECTION("the job threw") {
    session.jobThrows = true;
    session.tries("secret");
    CHECK(session.reason == Reason::Internal);
  }
  SECTION("the directory does not answer") {
    session.directory->trouble = Errc::Unavailable;
    session.tries("secret");
    CHECK(session.reason == Reason::Temporary);
  }
  CHECK(session.waits.empty());
  CHECK(session.answers == 1);
}

TEST_CASE("a wrong password of the proxy user is counted at the peer's address, whatever it claims") {
  FakeSession session;
  session.directory->add("webproxy", "secret");
  Settings settings;
  settings.defaultDomain = "example.com";
  settings.proxyAdmin = "webproxy";
  settings.failureDelay = std::chrono::seconds{2};
  session.logins->configure(settings);
  const auto tries = [&session](const std::string& password, const std::string& authzid) {
    Attempt attempt;
    attempt.address = "192.0.2.1";
    attempt.claimed = "198.51.100.7";
    attempt.login = "webproxy";
    attempt.password = Secret(password);
    attempt.authzid = authzid;
    logIn(session.logins, std::move(attempt), session.hooks());
  };
  tries("secret", "anna");
  REQUIRE(session.login);
  CHECK(session.login->address == "198.51.100.7");
  tries("secret", "nobody");
  CHECK(session.reason == Reason::NoSuchTarget);
  CHECK(session.waits.empty());  // no guess
  tries("wrong", "anna");
  REQUIRE(session.waits.size() == 1);
  CHECK(session.logins->throttle().admit("198.51.100.7").wait.count() == 0);
  CHECK(session.logins->throttle().admit("192.0.2.1").wait.count() > 0);
}

TEST_CASE("who goes on as another user waits for nothing") {
  FakeSession session;
  session.directory->add("admin", "secret");
  Settings settings;
  settings.defaultDomain = "example.com";
  settings.admins = {"admin"};
  session.logins->configure(settings);
  const auto goOn = [&session](const std::string& user) {
    Attempt attempt;
    attempt.address = "192.0.2.1";
    attempt.mechanism = "PROXYAUTH";
    attempt.login = "admin";
    attempt.authzid = user;
    session.reason.reset();
    session.login.reset();
    switchUser(session.logins, std::move(attempt), "admin", session.hooks());
  };
  goOn("anna");
  REQUIRE(session.login);
  CHECK(session.login->account.id == "anna");
  CHECK(session.login->by == "admin");
  CHECK(session.mechanism == "PROXYAUTH");
  goOn("nobody");
  CHECK(session.reason == Reason::NoSuchTarget);
  CHECK(session.waits.empty());
  session.takesJobs = false;
  goOn("anna");
  CHECK(session.reason == Reason::Temporary);
  session.takesJobs = true;
  session.jobThrows = true;
  goOn("anna");
  CHECK(session.reason == Reason::Internal);
  CHECK(session.answers == 4);
}

}  // namespace posthorn::auth
