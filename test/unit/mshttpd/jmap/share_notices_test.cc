// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/share_notices.h"

#include "test/unit/mshttpd/jmap/reader.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// Anna shares, Bert is told.
struct Shares : Reader {
  Shares() : zoo(account->addMailbox("Zoo")), bertAsks(fake.services, bertHimself) {
    bertAsks.use({std::string(kMail), std::string(kPrincipals)});
  }
  /// Bert calls a method on his own account.
  Json asBert(Method method, const std::string& args) {
    Answer answer = method(bertAsks, json("{\"accountId\":\"" + accountId("bert") + "\"" +
                                          (args.empty() ? "" : ",") + args + "}"));
    if (answer.ok()) return std::move(answer.arguments());
    return Json{{"error", answer.failure().type}};
  }
  void share(const std::string& rights) {
    Json done = (*this)(mailboxSet, "\"update\":{\"" + zoo + "\":{\"shareWith\":" + rights + "}}");
    INFO(done.dump(2));
    REQUIRE(done["notUpdated"].is_null());
  }

  Caller bertHimself{"bert", "Bert Example", "bert@example.com", {"bert@example.com"}, "192.0.2.2"};
  std::string zoo;
  Call bertAsks;
};

constexpr const char* kRead = R"({"bert":{"mayReadItems":true}})";
constexpr const char* kMore =
    R"({"bert":{"mayReadItems":true,"maySetSeen":true},"nobody":{"mayReadItems":true}})";

}  // namespace

TEST_CASE("who is given a mailbox, or loses it, is told by whom", "[jmap]") {
  Shares world;
  const Json before = world.asBert(shareNotificationGet, R"("ids":null)")["state"];
  world.share(kRead);
  world.share(kRead);  // changes nothing
  world.share(kMore);
  world.share("null");
  Json got = world.asBert(shareNotificationGet, R"("ids":null)");
  INFO(got.dump(2));
  REQUIRE(got["list"].size() == 3);
  const Json& first = got["list"][0];
  CHECK(first["changedBy"] ==
        json(R"({"name":"Anna Example","email":"anna@example.com","principalId":"anna"})"));
  CHECK(first["objectType"] == "Mailbox");
  CHECK(first["objectAccountId"] == accountId("anna"));
  CHECK(first["objectId"] == world.zoo);
  CHECK(first["name"] == "Zoo");
  CHECK(first["oldRights"].is_null());
  CHECK(first["newRights"]["mayReadItems"] == true);
  CHECK(first["newRights"]["maySetSeen"] == false);
  CHECK(got["list"][1]["oldRights"]["maySetSeen"] == false);
  CHECK(got["list"][1]["newRights"]["maySetSeen"] == true);
  CHECK(got["list"][2]["newRights"].is_null());
  // A name that is nobody's, and Anna herself.
  CHECK(world.fake.hosts.accounts.count("nobody") == 0);
  CHECK(world(shareNotificationGet, R"("ids":null)")["list"].empty());

  Json changes = world.asBert(shareNotificationChanges, "\"sinceState\":" + before.dump());
  CHECK(changes["created"].size() == 3);
  CHECK(changes["newState"] == got["state"]);
  Json found = world.asBert(
      shareNotificationQuery,
      R"("filter":{"objectType":"Mailbox","objectAccountId":"anna","after":"2000-01-01T00:00:00Z"},"sort":[{"property":"created"}])");
  CHECK(found["ids"].size() == 3);
  CHECK(world.asBert(shareNotificationQuery, R"("filter":{"before":"2000-01-01T00:00:00Z"})")["ids"].empty());
  CHECK(world.asBert(shareNotificationQuery, R"("filter":{"objectType":"Calendar"})")["ids"].empty());
  Json moved = world.asBert(shareNotificationQueryChanges, "\"sinceQueryState\":" + before.dump());
  CHECK(moved["added"].size() == 3);
  CHECK(world.asBert(shareNotificationQueryChanges, "\"sinceQueryState\":" + before.dump() +
                                                        ",\"maxChanges\":2")["error"] == "tooManyChanges");
}

TEST_CASE("notifications are dismissed, and go when the mailbox is subscribed to", "[jmap]") {
  Shares world;
  world.share(kRead);
  world.share(kMore);
  Json got = world.asBert(shareNotificationGet, R"("ids":null,"properties":["name"])");
  REQUIRE(got["list"].size() == 2);
  const std::string one = got["list"][0]["id"];
  Json done = world.asBert(shareNotificationSet,
                           "\"ifInState\":" + got["state"].dump() + ",\"create\":{\"k\":{}},\"update\":{\"" +
                               one + "\":{\"name\":\"x\"}},\"destroy\":[\"" + one + "\",\"x\"]");
  CHECK(done["destroyed"] == Json::array({one}));
  CHECK(done["notCreated"]["k"]["type"] == "forbidden");
  CHECK(done["notUpdated"][one]["type"] == "forbidden");
  CHECK(done["notDestroyed"]["x"]["type"] == "notFound");
  CHECK(done["oldState"] == got["state"]);
  CHECK(world.asBert(shareNotificationSet, "\"ifInState\":" + got["state"].dump())["error"] ==
        "stateMismatch");
  Answer subscribed =
      mailboxSet(world.bertAsks, json("{\"accountId\":\"" + accountId("anna") + "\",\"update\":{\"" +
                                      world.zoo + "\":{\"isSubscribed\":true}}}"));
  REQUIRE(subscribed.ok());
  CHECK(world.asBert(shareNotificationGet, R"("ids":null)")["list"].empty());
}

}  // namespace posthorn::mshttpd::jmap
