// SPDX-License-Identifier: Apache-2.0
#include "test/unit/mshttpd/jmap/reader.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::string_view kMail1 = "Subject: one\nMessage-ID: <1@x>\n\na\n";
constexpr std::string_view kReply = "Subject: Re: one\nMessage-ID: <2@x>\nIn-Reply-To: <1@x>\n\nb\n";

std::string names(const Json& got) {
  std::string out;
  for (const Json& one : got["list"]) out += one["name"].get<std::string>() + " ";
  return out;
}

/// A tree: Inbox, Archive/2025, Archive/2026, Sent, Zoo.
struct Tree : Reader {
  Tree() {
    archive = account->addMailbox("Archive", "\\Archive");
    y26 = account->addMailbox("Archive/2026");
    y25 = account->addMailbox("Archive/2025");
    sent = account->addMailbox("Sent", "\\Sent");
    zoo = account->addMailbox("Zoo");
  }
  /// Words in capitals of `text` are the ids of the mailboxes that are called so.
  Json set(std::string text) {
    const std::pair<std::string, std::string> ids[] = {{"%INBOX", inbox}, {"%ARCHIVE", archive},
                                                       {"%Y25", y25},     {"%Y26", y26},
                                                       {"%SENT", sent},   {"%ZOO", zoo}};
    for (const auto& [name, id] : ids) {
      for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += id.size())
        text.replace(at, name.size(), id);
    }
    return (*this)(mailboxSet, text);
  }
  [[nodiscard]] std::string nameOf(const std::string& id) const { return account->mailboxes.at(id).name; }
  [[nodiscard]] std::string useOf(const std::string& id) const { return account->mailboxes.at(id).use; }

  std::string archive, y25, y26, sent, zoo;
};

}  // namespace

TEST_CASE("mailboxes come with all that RFC 8621 2 tells", "[jmap]") {
  Tree tree;
  tree.account->deliver(kMail1, tree.inbox);
  const auto reply = tree.account->deliver(kReply, tree.archive, {"\\Seen"});
  tree.account->deliver(kMail1, tree.inbox, {"\\Draft"});
  Json got = tree(mailboxGet, R"("ids":null)");
  CHECK(names(got) == "Archive 2025 2026 Inbox Sent Zoo ");
  CHECK(got["state"] == std::to_string(tree.account->modseq));
  Json inbox = tree(mailboxGet, "\"ids\":[\"" + tree.inbox + "\"]")["list"][0];
  CHECK(inbox ==
        json(R"({"id":")" + tree.inbox + R"(","name":"Inbox","parentId":null,"role":"inbox","sortOrder":1,
    "totalEmails":2,"unreadEmails":1,"totalThreads":1,"unreadThreads":1,"myRights":{"mayReadItems":true,
    "mayAddItems":true,"mayRemoveItems":true,"maySetSeen":true,"maySetKeywords":true,"mayCreateChild":false,
    "mayRename":false,"mayDelete":false,"maySubmit":true,"mayShare":true},"isSubscribed":true,"shareWith":null})"));
  // The thread is unread, although its message in this mailbox is not.
  Json archive = tree(mailboxGet, "\"ids\":[\"" + tree.archive + "\"]")["list"][0];
  CHECK(archive["unreadEmails"] == 0);
  CHECK(archive["unreadThreads"] == 1);
  Json child =
      tree(mailboxGet, "\"ids\":[\"" + tree.y25 + R"("],"properties":["parentId","role"])")["list"][0];
  CHECK(child == json(R"({"id":")" + tree.y25 + R"(","parentId":")" + tree.archive + R"(","role":null})"));
}

TEST_CASE("a role belongs to one mailbox", "[jmap]") {
  Tree tree;
  const auto second = tree.account->addMailbox("Sent Items", "\\Sent");
  CHECK(tree(mailboxGet, "\"ids\":[\"" + tree.sent + "\"]")["list"][0]["role"] == "sent");
  CHECK(tree(mailboxGet, "\"ids\":[\"" + second + "\"]")["list"][0]["role"].is_null());
}

TEST_CASE("Mailbox/get and changes tell what is wrong", "[jmap]") {
  struct Row {
    Method method;
    const char* args;
    const char* error;
  };
  const Row rows[] = {
      {mailboxGet, R"("ids":null,"properties":["nonsense"])", "invalidArguments"},
      {mailboxGet, R"("ids":{})", "invalidArguments"},
      {mailboxGet, R"("ids":["a","b","c"])", "requestTooLarge"},
      {mailboxGet, R"("ids":null)", "requestTooLarge"},
      {mailboxChanges, R"("maxChanges":1)", "invalidArguments"},
      {mailboxChanges, R"("sinceState":"2","maxChanges":0)", "invalidArguments"},
      {mailboxChanges, R"("sinceState":"2","maxChanges":-1)", "invalidArguments"},
      {mailboxChanges, R"("sinceState":"what")", "cannotCalculateChanges"},
      {mailboxChanges, R"("sinceState":"99999")", "cannotCalculateChanges"},
      {mailboxQuery, R"("filter":{"nonsense":1})", "unsupportedFilter"},
      {mailboxQuery, R"("filter":{"isSubscribed":1})", "invalidArguments"},
      {mailboxQuery, R"("filter":[])", "invalidArguments"},
      {mailboxQuery, R"("filter":{"operator":"XOR","conditions":[]})", "invalidArguments"},
      {mailboxQuery, R"("filter":{"operator":"AND"})", "invalidArguments"},
      {mailboxQuery, R"("sort":[{"property":"totalEmails"}])", "unsupportedSort"},
      {mailboxQuery, R"("sort":[{"property":"name","collation":"i;none"}])", "unsupportedSort"},
      {mailboxQuery, R"("sort":[{}])", "invalidArguments"},
      {mailboxQuery, R"("limit":-1)", "invalidArguments"},
      {mailboxQuery, R"("position":1.5)", "invalidArguments"},
      {mailboxQuery, R"("anchor":"gone")", "anchorNotFound"},
      {mailboxQueryChanges, R"("filter":null)", "invalidArguments"},
      {mailboxQueryChanges, R"("sinceQueryState":"x")", "cannotCalculateChanges"},
      {mailboxQueryChanges, R"("sinceQueryState":"1","maxChanges":1)", "tooManyChanges"},
      {mailboxSet, R"("create":[])", "invalidArguments"},
      {mailboxSet, R"("destroy":{})", "invalidArguments"},
      {mailboxSet, R"("onDestroyRemoveEmails":1)", "invalidArguments"},
      {mailboxSet, R"("ifInState":"1")", "stateMismatch"},
  };
  Tree tree;
  tree.fake.services.limits.maxObjectsInGet = 2;
  for (const Row& row : rows) {
    INFO(row.args);
    CHECK(tree(row.method, row.args)["error"] == row.error);
    CHECK(tree(row.method, row.args, "carl")["error"] == "accountNotFound");
  }
}

TEST_CASE("Mailbox/changes says when nothing but numbers changed", "[jmap]") {
  Tree tree;
  const std::string before = std::to_string(tree.account->modseq);
  tree.account->deliver(kMail1, tree.inbox);
  Json changes = tree(mailboxChanges, "\"sinceState\":\"" + before + "\"");
  CHECK(changes["updated"] == Json::array({tree.inbox}));
  CHECK(changes["updatedProperties"] ==
        json(R"(["totalEmails","unreadEmails","totalThreads","unreadThreads"])"));
  CHECK(changes["hasMoreChanges"] == false);
  tree.set(R"("update":{"%ZOO":{"name":"Zebra"}})");
  const auto fresh = tree.account->addMailbox("New");
  tree.set(R"("destroy":["%Y26"])");
  changes = tree(mailboxChanges, "\"sinceState\":\"" + before + "\"");
  CHECK(changes["updatedProperties"].is_null());
  CHECK(changes["created"] == Json::array({fresh}));
  CHECK(changes["destroyed"] == Json::array({tree.y26}));
  CHECK(changes["updated"].size() == 2);
  // In steps it comes to the same.
  std::set<std::string> all;
  std::string state = before;
  for (int i = 0; i < 20; ++i) {
    Json step = tree(mailboxChanges, "\"sinceState\":\"" + state + "\",\"maxChanges\":1");
    for (const char* list : {"created", "updated", "destroyed"})
      for (const Json& id : step[list]) all.insert(id.get<std::string>());
    state = step["newState"];
    if (step["hasMoreChanges"] == false) break;
  }
  CHECK(state == std::to_string(tree.account->modseq));
  CHECK(all == std::set<std::string>{tree.inbox, tree.zoo, fresh, tree.y26});
}

TEST_CASE("mailboxes are filtered and sorted, as a tree where that is asked for", "[jmap]") {
  struct Row {
    const char* args;
    const char* ids;  ///< names, for reading
  };
  const Row rows[] = {
      {R"("sort":[{"property":"sortOrder"},{"property":"name"}])", "Inbox Sent Archive 2025 2026 Zoo"},
      {R"("sort":[{"property":"sortOrder"},{"property":"name"}],"sortAsTree":true)",
       "Inbox Sent Archive 2025 2026 Zoo"},
      {R"("sort":[{"property":"name","isAscending":false}],"sortAsTree":true)",
       "Zoo Sent Inbox Archive 2026 2025"},
      {R"("sort":[{"property":"name","isAscending":false}])", "Zoo Sent Inbox Archive 2026 2025"},
      {R"("sort":[{"property":"name"}])", "2025 2026 Archive Inbox Sent Zoo"},
      {R"("sort":[{"property":"name"}],"sortAsTree":true)", "Archive 2025 2026 Inbox Sent Zoo"},
      {R"("filter":{"name":"20"},"sort":[{"property":"name"}])", "2025 2026"},
      {R"("filter":{"name":"20"},"filterAsTree":true)", ""},
      {R"("filter":{"operator":"OR","conditions":[{"role":"archive"},{"name":"26"}]},"filterAsTree":true)",
       "Archive 2026"},
      {R"("filter":{"hasAnyRole":true},"sort":[{"property":"name"}])", "Archive Inbox Sent"},
      {R"("filter":{"role":null},"sort":[{"property":"name"}])", "2025 2026 Zoo"},
      {R"("filter":{"parentId":null,"hasAnyRole":false})", "Zoo"},
      {R"("filter":{"operator":"NOT","conditions":[{"parentId":null}]},"sort":[{"property":"name"}])",
       "2025 2026"},
      {R"("filter":{"isSubscribed":false})", ""},
      {R"("filter":{"operator":"OR","conditions":[]})", ""},
      {R"("filter":{},"sort":[{"property":"name"}],"position":-2,"limit":1)", "Sent"},
      {R"("sort":[{"property":"name"}],"position":99)", ""},
  };
  Tree tree;
  for (const Row& row : rows) {
    INFO(row.args);
    Json got = tree(mailboxQuery, row.args);
    std::string found;
    for (const Json& id : got["ids"]) {
      const std::string path = tree.nameOf(id);
      const std::string name = path == "INBOX" ? "Inbox" : path.substr(path.rfind('/') + 1);
      found += (found.empty() ? "" : " ") + name;
    }
    CHECK(found == row.ids);
    CHECK(!got.contains("total"));
  }
  Json got = tree(mailboxQuery, R"("sort":[{"property":"name"}],"anchorOffset":-1,"anchor":")" + tree.sent +
                                    R"(","limit":2,"calculateTotal":true)");
  CHECK(got["ids"] == Json::array({tree.inbox, tree.sent}));
  CHECK(got["position"] == 3);
  CHECK(got["total"] == 6);
  CHECK(got["canCalculateChanges"] == true);
}

TEST_CASE("mailboxes are created, parents before children", "[jmap]") {
  Tree tree;
  const std::string before = std::to_string(tree.account->modseq);
  Json done = tree.set(R"("ifInState":")" + before + R"(","create":{"c":{"name":"in","parentId":"#p"},
    "p":{"name":"Caf\u0065\u0301","parentId":null,"role":"junk","sortOrder":5,"isSubscribed":false},
    "bad":{"name":"x","parentId":"#nobody"},"twice":{"name":"Zoo"},"role":{"name":"y","role":"sent"}})");
  INFO(done.dump(2));
  const std::string parent = done["created"]["p"]["id"];
  const std::string child = done["created"]["c"]["id"];
  CHECK(tree.nameOf(parent) == "Caf\xC3\xA9");
  CHECK(tree.nameOf(child) == "Caf\xC3\xA9/in");
  CHECK(tree.useOf(parent) == "\\Junk");
  CHECK(tree.account->mailboxes.at(parent).subscribers.empty());
  CHECK(tree.account->mailboxes.at(child).subscribers.count("anna") == 1);
  // What was sent comes back only where it came out otherwise.
  CHECK(done["created"]["p"].contains("name"));
  CHECK(!done["created"]["p"].contains("role"));
  CHECK(!done["created"]["p"].contains("sortOrder"));
  CHECK(done["created"]["c"]["sortOrder"] == 10);
  CHECK(done["created"]["c"]["myRights"]["mayDelete"] == true);
  CHECK(done["created"]["c"]["isSubscribed"] == true);
  CHECK(done["notCreated"]["bad"]["properties"] == json(R"(["parentId"])"));
  CHECK(done["notCreated"]["twice"]["properties"] == json(R"(["name"])"));
  CHECK(done["notCreated"]["role"]["properties"] == json(R"(["role"])"));
  CHECK(done["oldState"] == before);
  CHECK(done["newState"] == std::to_string(tree.account->modseq));
  CHECK(tree.call.resolve("#c") == child);
}

TEST_CASE("what a mailbox may not be is told with its properties", "[jmap]") {
  struct Row {
    const char* object;
    const char* properties;
  };
  const Row rows[] = {
      {R"({})", R"(["name"])"},
      {R"({"name":""})", R"(["name"])"},
      {R"({"name":"  "})", R"(["name"])"},
      {R"({"name":7})", R"(["name"])"},
      {R"({"name":"a/b"})", R"(["name"])"},
      {R"({"name":"a*"})", R"(["name"])"},
      {R"({"name":"a\u0001"})", R"(["name"])"},
      {R"({"name":"inbox"})", R"(["name"])"},
      {R"({"name":"n","parentId":5})", R"(["parentId"])"},
      {R"({"name":"n","parentId":"gone"})", R"(["parentId"])"},
      {R"({"name":"n","role":"king"})", R"(["role"])"},
      {R"({"name":"n","role":"inbox"})", R"(["role"])"},
      {R"({"name":"n","sortOrder":-1})", R"(["sortOrder"])"},
      {R"({"name":"n","sortOrder":2147483648})", R"(["sortOrder"])"},
      {R"({"name":"n","isSubscribed":"yes"})", R"(["isSubscribed"])"},
      {R"({"name":"n","totalEmails":0})", R"(["totalEmails"])"},
      {R"({"name":"n","id":"x","color":"red"})", R"(["id","color"])"},
      {R"({"name":"n","shareWith":{"x y":{"mayReadItems":true}}})", R"(["shareWith"])"},
      {R"({"name":"n","shareWith":[]})", R"(["shareWith"])"},
  };
  Tree tree;
  for (const Row& row : rows) {
    INFO(row.object);
    Json done = tree.set(R"("create":{"k":)" + std::string(row.object) + "}");
    CHECK(done["created"].is_null());
    CHECK(done["notCreated"]["k"]["type"] == "invalidProperties");
    CHECK(done["notCreated"]["k"]["properties"] == json(row.properties));
  }
  tree.fake.services.limits.maxMailboxDepth = 2;
  Json done = tree.set(R"("create":{"k":{"name":"n","parentId":"%Y25"}})");
  CHECK(done["notCreated"]["k"]["properties"] == json(R"(["parentId"])"));
}

TEST_CASE("mailboxes are changed", "[jmap]") {
  Tree tree;
  Json done = tree.set(R"("update":{"%ZOO":{"name":"Zebra","parentId":"%ARCHIVE","isSubscribed":false},
    "%Y25":{"parentId":null},"%SENT":{"role":null,"sortOrder":77},"%INBOX":{"id":"%INBOX","myRights/mayRename":false}})");
  INFO(done.dump(2));
  CHECK(done["notUpdated"].is_null());
  CHECK(done["updated"].size() == 4);
  CHECK(done["updated"][tree.zoo].is_null());
  CHECK(done["updated"][tree.sent].is_null());
  CHECK(tree.account->mailboxes.at(tree.sent).orders.at("anna") == 77);
  CHECK(tree.nameOf(tree.zoo) == "Archive/Zebra");
  CHECK(tree.account->mailboxes.at(tree.zoo).subscribers.empty());
  CHECK(tree.nameOf(tree.y25) == "2025");
  CHECK(tree.useOf(tree.sent).empty());
}

TEST_CASE("a mailbox stands where its user puts it", "[jmap]") {
  Tree tree;
  Json done = tree.set(R"("create":{"k":{"name":"New","sortOrder":300}},"update":{"%ZOO":{"sortOrder":2}})");
  CHECK(done["notUpdated"].is_null());
  CHECK(!done["created"]["k"].contains("sortOrder"));
  const std::string fresh = done["created"]["k"]["id"];
  Json found = tree(mailboxQuery, R"("sort":[{"property":"sortOrder"},{"property":"name"}])");
  CHECK(found["ids"] ==
        Json::array({tree.inbox, tree.zoo, tree.sent, tree.archive, tree.y25, tree.y26, fresh}));
  // Its role's place is the one that it has by itself.
  CHECK(tree.set(R"("update":{"%ZOO":{"role":"junk"}})")["updated"][tree.zoo] == json(R"({"sortOrder":2})"));
  CHECK(tree.set(R"("update":{"%ZOO":{"sortOrder":null}})")["updated"][tree.zoo] ==
        json(R"({"sortOrder":5})"));
  CHECK(tree.account->mailboxes.at(tree.zoo).orders.empty());
  // What a server cannot keep is told as it is.
  tree.account->abilities.metadata = false;
  CHECK(tree.set(R"("update":{"%ZOO":{"sortOrder":9}})")["updated"][tree.zoo] == json(R"({"sortOrder":5})"));
  done = tree.set(R"("create":{"k":{"name":"Newer","sortOrder":9}})");
  CHECK(done["created"]["k"]["sortOrder"] == 10);
}

TEST_CASE("who loses or gets the mailbox above him is told as changed", "[jmap]") {
  Tree tree;
  const auto below = tree.account->addMailbox("Gap/inside");
  const std::string before = std::to_string(tree.account->modseq);
  const auto above = tree.account->addMailbox("Gap");
  Json changes = tree(mailboxChanges, "\"sinceState\":\"" + before + "\"");
  CHECK(changes["created"] == Json::array({above}));
  CHECK(changes["updated"] == Json::array({below}));
  CHECK(changes["updatedProperties"].is_null());
  CHECK(tree(mailboxChanges, "\"sinceState\":\"" + before + "\",\"maxChanges\":1")["error"] ==
        "cannotCalculateChanges");
  const std::string with = std::to_string(tree.account->modseq);
  tree.account->mailboxes.at(above).destroyed = ++tree.account->modseq;
  changes = tree(mailboxChanges, "\"sinceState\":\"" + with + "\"");
  CHECK(changes["destroyed"] == Json::array({above}));
  CHECK(changes["updated"] == Json::array({below}));
  changes = tree(mailboxQueryChanges, "\"sinceQueryState\":\"" + with +
                                          R"(","filter":{"parentId":null},"sort":[{"property":"name"}])");
  REQUIRE(changes["added"].size() == 1);
  CHECK(changes["added"][0]["id"] == below);
}

TEST_CASE("an update and a destroy may name what the call creates", "[jmap]") {
  Tree tree;
  Json done = tree.set(
      R"("create":{"a":{"name":"A"},"b":{"name":"B"}},"update":{"#a":{"name":"A2","parentId":"#b"}})");
  INFO(done.dump(2));
  const std::string a = done["created"]["a"]["id"];
  CHECK(done["updated"].contains(a));
  CHECK(tree.nameOf(a) == "B/A2");
  done = tree.set(R"("create":{"c":{"name":"C"}},"update":{"#none":{"name":"x"}},"destroy":["#c","#none"])");
  CHECK(done["destroyed"] == Json::array({done["created"]["c"]["id"]}));
  CHECK(done["notUpdated"]["#none"]["type"] == "notFound");
  CHECK(done["notDestroyed"]["#none"]["type"] == "notFound");
  CHECK(tree.set(R"("create":{"k":{"name":"n","parentId":"%INBOX"}})")["notCreated"]["k"]["type"] ==
        "forbidden");
}

TEST_CASE("names and roles may be swapped, and a child become the parent", "[jmap]") {
  Tree tree;
  Json done = tree.set(R"("update":{"%ZOO":{"name":"Sent"},"%SENT":{"name":"Zoo"}})");
  CHECK(done["notUpdated"].is_null());
  CHECK(tree.nameOf(tree.zoo) == "Sent");
  CHECK(tree.nameOf(tree.sent) == "Zoo");
  done = tree.set(R"("update":{"%ZOO":{"role":"sent"},"%SENT":{"role":null}})");
  CHECK(done["notUpdated"].is_null());
  CHECK(tree.useOf(tree.zoo) == "\\Sent");
  done = tree.set(R"("update":{"%ZOO":{"role":"archive"},"%ARCHIVE":{"role":"sent"}})");
  INFO(done.dump(2));
  CHECK(done["notUpdated"].is_null());
  CHECK(tree.useOf(tree.zoo) == "\\Archive");
  CHECK(tree.useOf(tree.archive) == "\\Sent");
  done = tree.set(R"("update":{"%ARCHIVE":{"parentId":"%Y25"},"%Y25":{"parentId":null}})");
  CHECK(done["notUpdated"].is_null());
  CHECK(tree.nameOf(tree.archive) == "2025/Archive");
  CHECK(tree.nameOf(tree.y26) == "2025/Archive/2026");
  // Three in a circle.
  done = tree.set(R"("update":{"%ZOO":{"name":"Zoo"},"%SENT":{"name":"2025"},"%Y25":{"name":"Sent"}})");
  INFO(done.dump(2));
  CHECK(done["notUpdated"].is_null());
  CHECK(tree.nameOf(tree.zoo) == "Zoo");
  CHECK(tree.nameOf(tree.sent) == "2025");
  CHECK(tree.nameOf(tree.y26) == "Sent/Archive/2026");
}

TEST_CASE("changes that may not be are refused", "[jmap]") {
  struct Row {
    const char* update;
    const char* type;
  };
  const Row rows[] = {
      {R"("gone":{"name":"x"})", "notFound"},
      {R"("#nobody":{"name":"x"})", "notFound"},
      {R"("%ZOO":{"name":"Sent"})", "invalidProperties"},
      {R"("%ZOO":{"role":"sent"})", "invalidProperties"},
      {R"("%ZOO":{"role":"inbox"})", "invalidProperties"},
      {R"("%ZOO":{"name":null})", "invalidProperties"},
      {R"("%ZOO":{"totalEmails":5})", "invalidProperties"},
      {R"("%ZOO":{"myRights":{}})", "invalidProperties"},
      {R"("%ZOO":{"myRights/mayDelete":false})", "invalidProperties"},
      {R"("%ZOO":{"name/x":"y"})", "invalidPatch"},
      {R"("%ZOO":{"shareWith":null,"shareWith/x":null})", "invalidPatch"},
      {R"("%ZOO":{"shareWith/Ynobody/mayReadItems":true})", "invalidPatch"},
      {R"("%ZOO":{"parentId":"gone"})", "invalidProperties"},
      {R"("%ARCHIVE":{"parentId":"%Y25"})", "invalidProperties"},
      {R"("%ARCHIVE":{"parentId":"%ARCHIVE"})", "invalidProperties"},
      {R"("%INBOX":{"name":"x"})", "forbidden"},
      {R"("%INBOX":{"role":null})", "invalidProperties"},
  };
  for (const Row& row : rows) {
    INFO(row.update);
    Tree tree;
    const auto before = tree.account->modseq;
    Json done = tree.set(R"("update":{)" + std::string(row.update) + "}");
    INFO(done.dump(2));
    REQUIRE(done["notUpdated"].size() == 1);
    CHECK(done["notUpdated"].begin().value()["type"] == row.type);
    CHECK(tree.account->modseq == before);
  }
}

TEST_CASE("an update that fails half-way leaves nothing behind", "[jmap]") {
  Tree tree;
  tree.account->abilities.specialUse = false;
  Json done = tree.set(R"("update":{"%ZOO":{"name":"Zebra","role":"junk"}})");
  CHECK(done["notUpdated"][tree.zoo]["type"] == "forbidden");
  CHECK(tree.nameOf(tree.zoo) == "Zoo");
}

TEST_CASE("mailboxes are destroyed, children first, messages only when asked to", "[jmap]") {
  Tree tree;
  const auto only = tree.account->deliver(kMail1, tree.zoo);
  const auto both = tree.account->deliver(kReply, tree.zoo);
  tree.account->setMailboxes(both, {tree.zoo, tree.inbox});
  Json done = tree.set(R"("destroy":["%ARCHIVE","%ZOO","%INBOX","gone"],"update":{"%ZOO":{"name":"y"}})");
  CHECK(done["destroyed"].is_null());
  CHECK(done["notUpdated"][tree.zoo]["type"] == "willDestroy");
  CHECK(done["notDestroyed"][tree.archive]["type"] == "mailboxHasChild");
  CHECK(done["notDestroyed"][tree.zoo]["type"] == "mailboxHasEmail");
  CHECK(done["notDestroyed"][tree.inbox]["type"] == "forbidden");
  CHECK(done["notDestroyed"]["gone"]["type"] == "notFound");
  done = tree.set(R"("destroy":["%ARCHIVE","%Y25","%Y26"])");
  CHECK(done["destroyed"].size() == 3);
  done = tree.set(R"("destroy":["%ZOO"],"onDestroyRemoveEmails":true)");
  CHECK(done["destroyed"] == Json::array({tree.zoo}));
  CHECK(tree.account->emails.at(only).destroyed > 0);
  CHECK(tree.account->emails.at(both).mailboxes == std::set<std::string>{tree.inbox});
}

TEST_CASE("mailboxes are shared", "[jmap]") {
  Tree tree;
  const std::string bert = accountId("bert");
  Json done = tree.set(R"("update":{"%ZOO":{"shareWith":{")" + bert +
                       R"(":{"mayReadItems":true,"maySetSeen":true}}}})");
  INFO(done.dump(2));
  CHECK(done["notUpdated"].is_null());
  CHECK(tree.account->mailboxes.at(tree.zoo).grants == std::map<std::string, std::string>{{"bert", "lrs"}});
  Json got = tree(mailboxGet, "\"ids\":[\"" + tree.zoo + R"("],"properties":["shareWith"])");
  CHECK(got["list"][0]["shareWith"][bert]["mayReadItems"] == true);
  CHECK(got["list"][0]["shareWith"][bert]["mayAddItems"] == false);
  tree.set(R"("update":{"%ZOO":{"shareWith/)" + bert + R"(/mayAddItems":true}})");
  CHECK(tree.account->mailboxes.at(tree.zoo).grants.at("bert") == "lrsi");
  tree.set(R"("update":{"%ZOO":{"shareWith/)" + bert + R"(":null}})");
  CHECK(tree.account->mailboxes.at(tree.zoo).grants.empty());
  const std::string own = accountId("anna");
  done = tree.set(R"("update":{"%ZOO":{"shareWith":{")" + own + R"(":{"mayReadItems":true}}}})");
  CHECK(done["notUpdated"][tree.zoo]["type"] == "invalidProperties");
}

TEST_CASE("in another's account the ACL decides", "[jmap]") {
  Reader reader;
  FakeServices::share(reader.fake, "bert", "anna");
  const auto open = reader.bert->mailboxId("INBOX");
  const auto box = reader.bert->addMailbox("Team");
  reader.bert->mailboxes.at(box).grants["anna"] = "lr";
  reader.bert->addMailbox("Private");
  Json got = reader(mailboxGet, R"("ids":null)", "bert");
  CHECK(names(got) == "Inbox Team ");
  CHECK(got["list"][0]["myRights"]["maySetSeen"] == true);
  CHECK(got["list"][0]["myRights"]["mayAddItems"] == false);
  CHECK(got["list"][0]["shareWith"].is_null());
  CHECK(got["list"][0]["isSubscribed"] == false);
  Json done = reader(mailboxSet,
                     R"("create":{"k":{"name":"n"},"c":{"name":"n","parentId":")" + box + R"("}},
    "update":{")" + box + R"(":{"name":"x"}},"destroy":[")" +
                         open + "\"]",
                     "bert");
  CHECK(done["notCreated"]["k"]["type"] == "forbidden");
  CHECK(done["notCreated"]["c"]["type"] == "forbidden");
  CHECK(done["notUpdated"][box]["type"] == "forbidden");
  CHECK(done["notDestroyed"][open]["type"] == "forbidden");
  done = reader(mailboxSet, R"("update":{")" + box + R"(":{"isSubscribed":true}})", "bert");
  CHECK(done["notUpdated"].is_null());
  CHECK(reader.bert->mailboxes.at(box).subscribers.count("anna") == 1);
}

}  // namespace posthorn::mshttpd::jmap
