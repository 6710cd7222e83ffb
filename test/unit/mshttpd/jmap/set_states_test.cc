// SPDX-License-Identifier: Apache-2.0
// Which states a /set tells when others change the account meanwhile.
#include <catch2/catch.hpp>

#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/request.h"
#include "mshttpd/jmap/set.h"
#include "test/unit/mshttpd/fake_services.h"

namespace posthorn::mshttpd::jmap {
namespace {

struct Desk {
  Desk() {
    account = fake.hosts.accounts.at("anna").get();
    inbox = account->mailboxId("INBOX");
    mail = account->deliver("From: x@y.example\nSubject: hello\n\ntext\n", inbox);
  }
  Json set(Json args) {
    args["accountId"] = accountId("anna");
    const Json request = {{"using", {"urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"}},
                          {"methodCalls", Json::array({Json::array({"Email/set", args, "0"})})}};
    const Outcome outcome = runRequest(fake.services, fake.anna, printJson(request));
    REQUIRE(!outcome.problem);
    return parseJson(outcome.body)->at("methodResponses")[0][1];
  }
  Json draft() const { return {{"mailboxIds", {{inbox, true}}}, {"subject", "new"}}; }
  [[nodiscard]] std::string state() const { return std::to_string(account->modseq); }

  FakeServices fake;
  backend::FakeAccount* account;
  std::string inbox, mail;
};

}  // namespace

TEST_CASE("a span of states begins behind what others did", "[jmap]") {
  StateSpan states;
  CHECK_FALSE(states.begun());
  states.step("3", "4");
  states.step("4", "6");
  CHECK((states.old() == "3" && states.now() == "6"));
  states.step("", "7");
  CHECK((states.old() == "3" && states.now() == "7"));
  states.step("9", "10");
  CHECK((states.old() == "9" && states.now() == "10"));
}

TEST_CASE("what comes between two steps of Email/set is not skipped", "[jmap]") {
  Desk desk;
  const std::string before = desk.state();
  Json done = desk.set({{"create", {{"a", desk.draft()}, {"b", desk.draft()}}}});
  CHECK((done["oldState"] == before && done["newState"] == desk.state()));

  int appends = 0;
  std::string other;
  desk.account->refuse = [&](std::string_view call) -> std::optional<Error> {
    if (call == "append" && ++appends == 2) {
      desk.account->deliver("Subject: from elsewhere\n\nx\n", desk.inbox);
      other = desk.state();
    }
    return std::nullopt;
  };
  done = desk.set({{"create", {{"a", desk.draft()}, {"b", desk.draft()}}}});
  REQUIRE(appends == 2);
  // Who was there before the call is not at the old state, and asks for what has changed.
  CHECK((done["oldState"] == other && done["newState"] == desk.state()));
}

TEST_CASE("what is too much for one commit is refused where a state is named", "[jmap]") {
  Desk desk;
  desk.account->refuse = [&](std::string_view call) -> std::optional<Error> {
    if (call == "update") return makeError(Errc::Limit, "too much");
    return std::nullopt;
  };
  const Json done = desk.set({{"ifInState", desk.state()}, {"destroy", {desk.mail}}});
  CHECK(done["type"] == "requestTooLarge");
}

}  // namespace posthorn::mshttpd::jmap
