// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "mshttpd/http/uploads.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/request.h"
#include "test/unit/mshttpd/fake_services.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// Anna with an inbox, drafts and one message; Bert's inbox is shared with her.
struct Desk {
  Desk() {
    account = fake.hosts.accounts.at("anna").get();
    inbox = account->mailboxId("INBOX");
    drafts = account->addMailbox("Drafts", "\\Drafts");
    mail = account->deliver("From: x@y.example\nSubject: hello\n\ntext\n", inbox, {"\\Seen", "old"});
    bert = fake.hosts.accounts.at("bert").get();
    bertInbox = bert->mailboxId("INBOX");
    FakeServices::share(fake, "bert", "anna");
    anna = accountId("anna");
  }

  /// Arguments with %I, %D, %M, %B and %A replaced by the ids above.
  std::string fill(std::string text) const {
    const std::pair<std::string, std::string> names[] = {
        {"%I", inbox}, {"%D", drafts}, {"%M", mail}, {"%B", bertInbox}, {"%A", anna}};
    for (const auto& [name, id] : names)
      for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += id.size())
        text.replace(at, name.size(), id);
    return text;
  }
  /// All responses to one request.
  Json run(const std::string& calls) {
    const std::string body =
        R"({"using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:mail"],"methodCalls":[)" +
        fill(calls) + "]}";
    const Outcome outcome = runRequest(fake.services, fake.anna, body);
    REQUIRE(!outcome.problem);
    return parseJson(outcome.body)->at("methodResponses");
  }
  /// The arguments of the only response, of Email/set.
  Json set(const std::string& args) {
    Json responses = run(R"(["Email/set",{"accountId":"%A",)" + args + R"(},"0"])");
    REQUIRE(responses.size() == 1);
    return responses[0][1];
  }
  [[nodiscard]] const backend::FakeEmail& email(const std::string& id) const {
    return account->emails.at(id);
  }

  FakeServices fake;
  backend::FakeAccount* account;
  backend::FakeAccount* bert;
  std::string inbox, drafts, mail, bertInbox, anna;
};

using Strings = std::set<std::string>;

}  // namespace

TEST_CASE("a draft is created", "[jmap]") {
  Desk desk;
  const auto blob = desk.fake.uploads.keep("anna", View("\x00\x01\xFF", 3), "image/png");
  const std::string before = std::to_string(desk.account->modseq);
  Json done = desk.set(
      R"("create":{"k1":{"mailboxIds":{"%D":true},"keywords":{"$draft":true,"$Seen":true,"mine":true},
    "receivedAt":"2020-01-01T00:00:00Z","subject":"s","textBody":[{"partId":"1"}],"bodyValues":{"1":{"value":"x"}},
    "attachments":[{"blobId":")" +
      blob->id + R"("}]}})");
  CHECK(done["oldState"] == before);
  CHECK(done["newState"] == std::to_string(desk.account->modseq));
  CHECK(done["notCreated"].is_null());
  Json& created = done["created"]["k1"];
  const backend::FakeEmail& email = desk.email(created["id"]);
  CHECK(created["blobId"] == "M" + email.id);
  CHECK(created["threadId"] == email.threadId);
  CHECK(created["size"] == email.raw.size());
  CHECK(email.mailboxes == Strings{desk.drafts});
  CHECK(email.flags == Strings{"\\Draft", "\\Seen", "mine"});
  CHECK(email.date.seconds == 1'577'836'800);
  CHECK(email.raw.find("Message-ID: <") != Bytes::npos);
  CHECK(email.raw.find("@example.com>\r\n") != Bytes::npos);
  CHECK(email.raw.find("AAH/\r\n") != Bytes::npos);
}

TEST_CASE("a blob of another message is attached", "[jmap]") {
  Desk desk;
  Json done = desk.set(
      R"("create":{"k1":{"mailboxIds":{"%D":true},"attachments":[{"blobId":"M%M","type":"message/rfc822"}]}})");
  const backend::FakeEmail& email = desk.email(done["created"]["k1"]["id"]);
  CHECK(email.raw.find("\r\nSubject: hello\r\n\r\ntext\r\n") != Bytes::npos);
}

TEST_CASE("what a create lacks or has too much is told", "[jmap]") {
  struct Row {
    const char* object;
    const char* type;
    std::vector<std::string> properties;
  };
  const Row rows[] = {
      {R"({})", "invalidProperties", {"mailboxIds"}},
      {R"({"mailboxIds":{}})", "invalidProperties", {"mailboxIds"}},
      {R"({"mailboxIds":{"%D":false}})", "invalidProperties", {"mailboxIds"}},
      {R"({"mailboxIds":["%D"]})", "invalidProperties", {"mailboxIds"}},
      {R"({"mailboxIds":{"nowhere":true}})", "invalidProperties", {"mailboxIds"}},
      {R"({"mailboxIds":{"#k9":true}})", "invalidProperties", {"mailboxIds"}},
      {R"({"mailboxIds":{"%D":true},"keywords":{"a b":true}})", "invalidProperties", {"keywords"}},
      {R"({"mailboxIds":{"%D":true},"keywords":{"a":false}})", "invalidProperties", {"keywords"}},
      {R"({"mailboxIds":{"%D":true},"receivedAt":"2020-01-01T00:00:00+01:00"})",
       "invalidProperties",
       {"receivedAt"}},
      {R"({"keywords":7,"subject":8,"textBody":9})",
       "invalidProperties",
       {"mailboxIds", "keywords", "subject", "textBody"}},
      {R"({"mailboxIds":{"%D":true},"attachments":[{"blobId":"gone"}]})", "blobNotFound", {}},
  };
  for (const Row& row : rows) {
    INFO(row.object);
    Desk desk;
    Json done = desk.set(std::string(R"("create":{"k1":)") + row.object + "}");
    CHECK(done["created"].is_null());
    CHECK(done["oldState"] == done["newState"]);
    Json& error = done["notCreated"]["k1"];
    CHECK(error["type"] == row.type);
    CHECK(error.value("properties", Json::array()) ==
          (row.properties.empty() ? Json::array() : Json(row.properties)));
    if (error["type"] == "blobNotFound") CHECK(error["notFound"] == Json{"gone"});
  }
}

TEST_CASE("what a back end refuses is told by its name", "[jmap]") {
  struct Row {
    Errc code;
    const char* type;
  };
  for (const Row row :
       {Row{Errc::OverQuota, "overQuota"}, Row{Errc::Denied, "forbidden"}, Row{Errc::TooBig, "tooLarge"},
        Row{Errc::Limit, "tooManyKeywords"}, Row{Errc::Unavailable, "serverUnavailable"}}) {
    Desk desk;
    desk.account->refuse = [row](std::string_view what) -> std::optional<Error> {
      return what == "append" ? std::optional(makeError(row.code, "/secret/path")) : std::nullopt;
    };
    Json done = desk.set(R"("create":{"k1":{"mailboxIds":{"%D":true}}})");
    CHECK(done["notCreated"]["k1"]["type"] == row.type);
    CHECK(done.dump().find("secret") == std::string::npos);
  }
}

TEST_CASE("too many keywords, mailboxes, octets", "[jmap]") {
  Desk desk;
  std::string keywords;
  for (int i = 0; i < 65; ++i) keywords += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":true";
  std::string mailboxes;
  for (int i = 0; i < 1001; ++i) mailboxes += (i > 0 ? ",\"m" : "\"m") + std::to_string(i) + "\":true";
  Json done = desk.set(R"("create":{"a":{"mailboxIds":{"%D":true},"keywords":{)" + keywords +
                       R"(}},"b":{"mailboxIds":{)" + mailboxes + R"(}}},"update":{"%M":{"keywords":{)" +
                       keywords + "}}}");
  CHECK(done["notCreated"]["a"]["type"] == "tooManyKeywords");
  CHECK(done["notCreated"]["b"]["type"] == "tooManyMailboxes");
  CHECK(done["notUpdated"][desk.mail]["type"] == "tooManyKeywords");
  desk.fake.services.limits.maxMessageSize = 100;
  Json large = desk.set(R"("create":{"a":{"mailboxIds":{"%D":true}}})");
  CHECK(large["notCreated"]["a"]["type"] == "tooLarge");
  CHECK(large["notCreated"]["a"]["maxSize"] == 100);
}

TEST_CASE("keywords and mailboxes change by patch and as a whole", "[jmap]") {
  struct Row {
    const char* patch;
    Strings flags;
    std::vector<const char*> mailboxes;
  };
  const Row rows[] = {
      {R"({"keywords/$flagged":true})", {"\\Seen", "old", "\\Flagged"}, {"%I"}},
      {R"({"keywords/$seen":null,"keywords/OLD":null})", {}, {"%I"}},
      {R"({"keywords/never":null})", {"\\Seen", "old"}, {"%I"}},
      {R"({"keywords":{"$answered":true}})", {"\\Answered"}, {"%I"}},
      {R"({"keywords":{}})", {}, {"%I"}},
      {R"({"keywords":null})", {}, {"%I"}},
      {R"({"keywords/a~1b~0":true})", {"\\Seen", "old", "a/b~"}, {"%I"}},
      {R"({"mailboxIds/%D":true})", {"\\Seen", "old"}, {"%I", "%D"}},
      {R"({"mailboxIds/%D":true,"mailboxIds/%I":null})", {"\\Seen", "old"}, {"%D"}},
      {R"({"mailboxIds":{"%D":true},"keywords/new":true})", {"\\Seen", "old", "new"}, {"%D"}},
      {R"({})", {"\\Seen", "old"}, {"%I"}},
      {R"({"id":"%M","subject":"hello","mailboxIds":{"%I":true}})", {"\\Seen", "old"}, {"%I"}},
  };
  for (const Row& row : rows) {
    INFO(row.patch);
    Desk desk;
    Json done = desk.set(std::string(R"("update":{"%M":)") + row.patch + "}");
    CHECK(done["notUpdated"].is_null());
    CHECK(done["updated"] == Json{{desk.mail, nullptr}});
    CHECK(desk.email(desk.mail).flags == row.flags);
    Strings mailboxes;
    for (const char* name : row.mailboxes) mailboxes.insert(desk.fill(name));
    CHECK(desk.email(desk.mail).mailboxes == mailboxes);
  }
}

TEST_CASE("updates that cannot be are refused and change nothing", "[jmap]") {
  struct Row {
    const char* patch;
    const char* type;
    std::vector<std::string> properties;
  };
  const Row rows[] = {
      {R"({"keywords":{},"keywords/a":true})", "invalidPatch", {}},
      {R"({"keywords/a/b":true})", "invalidPatch", {}},
      {R"({"from/0/name":"x"})", "invalidPatch", {}},
      {R"({"keywords/a~2":true})", "invalidPatch", {}},
      {R"({"keywords/a":false})", "invalidProperties", {"keywords"}},
      {R"({"keywords/a":"x"})", "invalidProperties", {"keywords"}},
      {R"({"keywords/a(b":true})", "invalidProperties", {"keywords"}},
      {R"({"keywords/":true})", "invalidProperties", {"keywords"}},
      {R"({"keywords":[]})", "invalidProperties", {"keywords"}},
      {R"({"mailboxIds":null})", "invalidProperties", {"mailboxIds"}},
      {R"({"mailboxIds":{}})", "invalidProperties", {"mailboxIds"}},
      {R"({"mailboxIds/%I":null})", "invalidProperties", {"mailboxIds"}},
      {R"({"mailboxIds/nowhere":true})", "invalidProperties", {"mailboxIds"}},
      {R"({"mailboxIds/#k":true})", "invalidProperties", {"mailboxIds"}},
      {R"({"subject":"other","size":1,"id":"%M"})", "invalidProperties", {"subject", "size"}},
      {R"({"nonsense":1})", "invalidProperties", {"nonsense"}},
  };
  for (const Row& row : rows) {
    INFO(row.patch);
    Desk desk;
    Json done = desk.set(std::string(R"("update":{"%M":)") + row.patch + "}");
    CHECK(done["updated"].is_null());
    Json& error = done["notUpdated"][desk.mail];
    CHECK(error["type"] == row.type);
    CHECK(error.value("properties", Json::array()) ==
          (row.properties.empty() ? Json::array() : Json(row.properties)));
    CHECK(desk.email(desk.mail).flags == Strings{"\\Seen", "old"});
    CHECK(desk.email(desk.mail).mailboxes == Strings{desk.inbox});
  }
}

TEST_CASE("destroys, and what is named twice or not there", "[jmap]") {
  Desk desk;
  Json done = desk.set(R"("update":{"%M":{"keywords/a":true},"nobody":{"keywords/a":true},"#k":{}},
                               "destroy":["%M","%M","no","#x"])");
  CHECK(done["notUpdated"][desk.mail]["type"] == "willDestroy");
  CHECK(done["notUpdated"]["nobody"]["type"] == "notFound");
  CHECK(done["notUpdated"]["#k"]["type"] == "notFound");
  CHECK(done["destroyed"] == Json{desk.mail});
  CHECK(done["notDestroyed"]["no"]["type"] == "notFound");
  CHECK(done["notDestroyed"]["#x"]["type"] == "notFound");
  CHECK(desk.email(desk.mail).destroyed > 0);
}

TEST_CASE("creations are named by later changes of the same request", "[jmap]") {
  Desk desk;
  Json responses = desk.run(R"(["Email/set",{"accountId":"%A","create":{"k1":{"mailboxIds":{"%D":true}}},
      "update":{"#k1":{"keywords/a":true}}},"0"],
    ["Email/set",{"accountId":"%A","update":{"#k1":{"keywords/b":true}}},"1"],
    ["Email/set",{"accountId":"%A","create":{"k2":{"mailboxIds":{"%D":true}}},"destroy":["#k1","#k2"]},"2"])");
  const std::string id = responses[0][1]["created"]["k1"]["id"];
  CHECK(responses[0][1]["updated"] == Json{{id, nullptr}});
  CHECK(responses[1][1]["updated"] == Json{{id, nullptr}});
  CHECK(desk.email(id).flags == Strings{"a", "b"});
  CHECK(responses[2][1]["destroyed"].size() == 2);
  CHECK(desk.email(id).destroyed > 0);
}

TEST_CASE("another state stops everything", "[jmap]") {
  for (const char* args :
       {R"("create":{"k1":{"mailboxIds":{"%D":true}}})", R"("update":{"%M":{"keywords/a":true}})",
        R"("destroy":["%M"])", R"("create":{})"}) {
    Desk desk;
    const std::string state = std::to_string(desk.account->modseq);
    Json responses =
        desk.run(std::string(R"(["Email/set",{"accountId":"%A","ifInState":"other",)") + args + R"(},"0"])");
    CHECK(responses[0][0] == "error");
    CHECK(responses[0][1]["type"] == "stateMismatch");
    CHECK(std::to_string(desk.account->modseq) == state);
    responses =
        desk.run(R"(["Email/set",{"accountId":"%A","ifInState":")" + state + "\"," + args + R"(},"0"])");
    CHECK(responses[0][0] == "Email/set");
    CHECK(responses[0][1]["oldState"] == state);
  }
}

TEST_CASE("a state that passes by between looking and changing stops everything, too", "[jmap]") {
  Desk desk;
  const std::string state = std::to_string(desk.account->modseq);
  desk.account->refuse = [&](std::string_view what) -> std::optional<Error> {
    if (what == "update") desk.account->setFlags(desk.mail, {"other"});
    return std::nullopt;
  };
  Json responses = desk.run(R"(["Email/set",{"accountId":"%A","ifInState":")" + state +
                            R"(","update":{"%M":{"keywords/a":true}}},"0"])");
  CHECK(responses[0][1]["type"] == "stateMismatch");
  CHECK(desk.email(desk.mail).flags == Strings{"other"});
}

TEST_CASE("arguments of wrong types and too many objects", "[jmap]") {
  Desk desk;
  for (const char* args :
       {R"("create":[])", R"("update":7)", R"("destroy":"x")", R"("destroy":[7])", R"("ifInState":7)",
        R"("create":{"k":7})", R"("update":{"x":7})", R"("create":{"a b":{}})"}) {
    INFO(args);
    Json responses = desk.run(std::string(R"(["Email/set",{"accountId":"%A",)") + args + R"(},"0"])");
    CHECK(responses[0][1]["type"] == "invalidArguments");
  }
  desk.fake.services.limits.maxObjectsInSet = 2;
  Json responses = desk.run(R"(["Email/set",{"accountId":"%A","destroy":["a","b"],"update":{"c":{}}},"0"])");
  CHECK(responses[0][1]["type"] == "requestTooLarge");
}

TEST_CASE("in another's account the rights count", "[jmap]") {
  Desk desk;
  const std::string mail = desk.bert->deliver("Subject: x\n\n", desk.bertInbox);
  Json done = desk.run(R"(["Email/set",{"accountId":"bert","create":{"k1":{"mailboxIds":{"%B":true}}},
     "update":{")" + mail +
                       R"(":{"keywords/$flagged":true}},"destroy":[]},"0"],
     ["Email/set",{"accountId":"carl","destroy":["x"]},"1"],
     ["Email/set",{"accountId":"bert","destroy":[")" +
                       mail + R"("]},"2"])");
  CHECK(done[0][1]["notCreated"]["k1"]["type"] == "forbidden");
  CHECK(done[0][1]["notUpdated"][mail]["type"] == "forbidden");
  CHECK(done[1][1]["type"] == "accountNotFound");
  CHECK(done[2][1]["notDestroyed"][mail]["type"] == "forbidden");
}

TEST_CASE("messages are imported", "[jmap]") {
  Desk desk;
  using namespace std::string_literals;
  const Bytes message =
      "Received: from a by b; Thu, 30 Oct 2014 14:12:00 +0800\nReceived: c; 1 Jan 2000 00:00:00 +0000\n"
      "Subject: Gr\xC3\xBC\xC3\x9F\n\nl\0ine\r\nend\r"s;
  const auto blob = desk.fake.uploads.keep("anna", View(message), "message/rfc822");
  REQUIRE(blob.ok());
  const auto plain = desk.fake.uploads.keep("anna", View("no message at all"), "text/plain");
  Json responses = desk.run(
      R"(["Email/import",{"accountId":"%A","emails":{
      "a":{"blobId":")" +
      blob->id + R"(","mailboxIds":{"%I":true,"%D":true},"keywords":{"$seen":true}},
      "b":{"blobId":")" +
      blob->id + R"(","mailboxIds":{"%I":true},"receivedAt":"2020-01-01T00:00:00Z"},
      "c":{"blobId":"gone","mailboxIds":{"%I":true}},
      "d":{"blobId":")" +
      plain->id + R"(","mailboxIds":{"%I":true}},
      "e":{"mailboxIds":{},"keywords":7,"other":1},
      "f":{"blobId":"M%M","mailboxIds":{"%I":true}},
      "g":{"blobId":"M%M","mailboxIds":{"nowhere":true}}}},"0"],
      ["Email/import",{"accountId":"%A","ifInState":"other","emails":{}},"1"],
      ["Email/import",{"accountId":"%A","emails":[]},"2"])");
  Json& done = responses[0][1];
  const backend::FakeEmail& a = desk.email(done["created"]["a"]["id"]);
  CHECK(a.mailboxes == Strings{desk.inbox, desk.drafts});
  CHECK(a.flags == Strings{"\\Seen"});
  CHECK(a.date.seconds == 1'414'649'520);
  CHECK(a.raw.substr(a.raw.find("Subject")) == "Subject: Gr\xC3\xBC\xC3\x9F\r\n\r\nline\r\nend\r\n");
  CHECK(done["created"]["a"]["size"] == a.raw.size());
  CHECK(desk.email(done["created"]["b"]["id"]).date.seconds == 1'577'836'800);
  CHECK(done["notCreated"]["c"]["type"] == "invalidProperties");
  CHECK(done["notCreated"]["c"]["properties"] == Json{"blobId"});
  CHECK(done["notCreated"]["d"]["type"] == "invalidEmail");
  CHECK(done["notCreated"]["e"]["properties"] == Json{"mailboxIds", "keywords", "other", "blobId"});
  CHECK(desk.email(done["created"]["f"]["id"]).date.seconds == 1'700'000'000);
  CHECK(done["notCreated"]["g"]["properties"] == Json{"mailboxIds"});
  CHECK(done["newState"] == std::to_string(desk.account->modseq));
  CHECK(responses[1][1]["type"] == "stateMismatch");
  CHECK(responses[2][1]["type"] == "invalidArguments");
}

TEST_CASE("an import over quota says so", "[jmap]") {
  Desk desk;
  desk.account->refuse = [](std::string_view what) -> std::optional<Error> {
    return what == "append" ? std::optional(makeError(Errc::OverQuota, "full")) : std::nullopt;
  };
  Json done = desk.run(
      R"(["Email/import",{"accountId":"%A","emails":{"a":{"blobId":"M%M","mailboxIds":{"%I":true}}}},"0"])");
  CHECK(done[0][1]["notCreated"]["a"]["type"] == "overQuota");
  CHECK(done[0][1]["oldState"] == done[0][1]["newState"]);
}

TEST_CASE("messages are copied between accounts", "[jmap]") {
  Desk desk;
  desk.bert->mailboxes.at(desk.bertInbox).grants["anna"] = "lrswite";
  const std::string mail =
      desk.bert->deliver("Subject: x\n\nbody\n", desk.bertInbox, {"\\Flagged"}, 1'600'000'000);
  Json done = desk.run(
      R"(["Email/copy",{"fromAccountId":"bert","accountId":"%A","onSuccessDestroyOriginal":true,"create":{
      "a":{"id":")" +
      mail + R"(","mailboxIds":{"%I":true}},
      "b":{"id":"gone","mailboxIds":{"%I":true}},
      "c":{"id":")" +
      mail + R"(","mailboxIds":{"%D":true},"keywords":{"x":true},"receivedAt":"2020-01-01T00:00:00Z"},
      "d":{"id":")" +
      mail + R"(","mailboxIds":{"%D":true},"subject":"other"},
      "e":{"id":")" +
      mail + R"("}}},"0"])");
  REQUIRE(done.size() == 2);
  CHECK(done[0][0] == "Email/copy");
  CHECK(done[0][1]["fromAccountId"] == "bert");
  const backend::FakeEmail& a = desk.email(done[0][1]["created"]["a"]["id"]);
  CHECK(a.raw == "Subject: x\r\n\r\nbody\r\n");
  CHECK(a.flags == Strings{"\\Flagged"});
  CHECK(a.date.seconds == 1'600'000'000);
  CHECK(done[0][1]["notCreated"]["b"]["type"] == "notFound");
  const backend::FakeEmail& c = desk.email(done[0][1]["created"]["c"]["id"]);
  CHECK(c.flags == Strings{"x"});
  CHECK(c.date.seconds == 1'577'836'800);
  CHECK(done[0][1]["notCreated"]["d"]["properties"] == Json{"subject"});
  CHECK(done[0][1]["notCreated"]["e"]["properties"] == Json{"mailboxIds"});
  CHECK(done[1][0] == "Email/set");
  CHECK(done[1][2] == "0");
  CHECK(done[1][1]["accountId"] == "bert");
  CHECK(done[1][1]["destroyed"] == Json{mail});
}

TEST_CASE("copies that cannot be", "[jmap]") {
  struct Row {
    const char* args;
    const char* type;
  };
  const Row rows[] = {
      {R"("fromAccountId":"%A","accountId":"%A","create":{})", "invalidArguments"},
      {R"("fromAccountId":"carl","accountId":"%A","create":{})", "fromAccountNotFound"},
      {R"("fromAccountId":"%A","accountId":"carl","create":{})", "accountNotFound"},
      {R"("fromAccountId":"bert","accountId":"%A")", "invalidArguments"},
      {R"("fromAccountId":"bert","accountId":"%A","create":{},"ifInState":"x")", "stateMismatch"},
      {R"("fromAccountId":"bert","accountId":"%A","create":{},"ifFromInState":"x")", "stateMismatch"},
  };
  for (const Row& row : rows) {
    INFO(row.args);
    Desk desk;
    CHECK(desk.run(std::string(R"(["Email/copy",{)") + row.args + R"(},"0"])")[0][1]["type"] == row.type);
  }
}

}  // namespace posthorn::mshttpd::jmap
