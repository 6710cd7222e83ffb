// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/kept_objects.h"

#include <set>

#include <catch2/catch.hpp>

#include "mshttpd/jmap/identities.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/request.h"
#include "test/unit/mshttpd/fake_services.h"

namespace posthorn::mshttpd::jmap {
namespace {

struct Office {
  Office() {
    fake.anna.addresses = {"anna@example.com"};
    account = fake.hosts.accounts.at("anna").get();
    draft = account->deliver(
        "From: anna@example.com\nTo: b@example.com\nDate: Thu, 13 Feb 2020 08:30:00 +0100\n\nhi\n",
        account->mailboxId("INBOX"), {"\\Draft"});
  }
  Json one(const std::string& method, const Json& more) {
    Json args = {{"accountId", accountId("anna")}};
    args.update(more);
    const Json request = {
        {"using",
         {"urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail", "urn:ietf:params:jmap:submission"}},
        {"methodCalls", Json::array({Json::array({method, args, "0"})})}};
    const Outcome outcome = runRequest(fake.services, fake.anna, printJson(request));
    REQUIRE(!outcome.problem);
    return parseJson(outcome.body)->at("methodResponses")[0][1];
  }
  Json identity(const std::string& name, Json more = Json::object()) {
    more["create"]["k"] = {{"email", "anna@example.com"}, {"name", name}};
    return one("Identity/set", more);
  }
  Json send() {
    const Json what = {{"identityId", Identities::idOf("anna@example.com")}, {"emailId", draft}};
    return one("EmailSubmission/set", {{"create", {{"k", what}}}});
  }
  std::set<std::string> names() {
    std::set<std::string> names;
    const Json got = one("Identity/get", {{"ids", nullptr}});
    for (const Json& identity : got["list"]) names.insert(identity["name"]);
    return names;
  }
  /// Somebody else gets in between reading and writing, so many times.
  void interfere(int times, const std::function<void()>& other) {
    account->refuse = [this, left = times, inside = false,
                       other](std::string_view call) mutable -> std::optional<Error> {
      if (call != "swapMetadata" || inside || left == 0) return std::nullopt;
      --left;
      inside = true;
      other();
      inside = false;
      return std::nullopt;
    };
  }

  FakeServices fake;
  backend::FakeAccount* account;
  std::string draft;
};

}  // namespace

TEST_CASE("of those who write at the same moment nobody loses anything", "[jmap]") {
  Office office;
  int others = 0;
  office.interfere(3, [&] { office.identity("other" + std::to_string(++others)); });
  CHECK(office.identity("mine")["created"].contains("k"));
  CHECK(others == 3);
  const auto names = office.names();
  CHECK(names.count("mine") == 1);
  for (int i = 1; i <= 3; ++i) CHECK(names.count("other" + std::to_string(i)) == 1);
}

TEST_CASE("who names the state that he knows is told that it is gone", "[jmap]") {
  Office office;
  const std::string state = office.one("Identity/get", {{"ids", nullptr}})["state"];
  office.interfere(1, [&] { office.identity("other"); });
  CHECK(office.identity("late", {{"ifInState", state}})["type"] == "stateMismatch");
  CHECK(office.names().count("late") == 0);
  CHECK(office.names().count("other") == 1);
}

TEST_CASE("what is sent at the same moment is sent once and kept", "[jmap]") {
  Office office;
  office.interfere(1, [&] { CHECK(office.send()["created"].contains("k")); });
  CHECK(office.send()["created"].contains("k"));
  CHECK(office.fake.submission.taken.size() == 2);
  const Json list = office.one("EmailSubmission/get", {{"ids", nullptr}})["list"];
  REQUIRE(list.size() == 2);

  Json ids = Json::array({list[0]["id"], list[1]["id"]});
  office.interfere(1, [&] { CHECK(office.send()["created"].contains("k")); });
  const Json gone = office.one("EmailSubmission/set", {{"destroy", ids}});
  CHECK(gone["destroyed"] == ids);
  CHECK(office.one("EmailSubmission/get", {{"ids", nullptr}})["list"].size() == 1);
}

TEST_CASE("one who never gets through is told to try again", "[jmap]") {
  Office office;
  int others = 0;
  office.interfere(1000, [&] {
    // What the entry holds does not matter, only that it changes.
    auto& entry = office.account->metadata["anna/private/vendor/posthorn/identities"];
    entry = std::string(static_cast<std::size_t>(++others), ' ');
  });
  CHECK(office.identity("mine")["type"] == "serverUnavailable");
  CHECK(others == static_cast<int>(KeptObjects::kMostAttempts));
}

}  // namespace posthorn::mshttpd::jmap
