// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "mshttpd/jmap/identities.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/outgoing.h"
#include "mshttpd/jmap/request.h"
#include "test/unit/mshttpd/fake_services.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr const char* kDraft =
    "From: Anna <anna@example.com>\nTo: Bert <bert@example.com>, G: c@example.com;\nCc: BERT@example.com\n"
    "Bcc: Secret <d@example.com>,\n e@example.com\nDate: Thu, 13 Feb 2020 08:30:00 +0100\nSubject: hi\n\n"
    "Bcc: this stays\n";

struct Office {
  Office() {
    fake.anna.addresses = {"anna@example.com", "sales@example.com"};
    account = fake.hosts.accounts.at("anna").get();
    inbox = account->mailboxId("INBOX");
    sent = account->addMailbox("Sent", "\\Sent");
    anna = accountId("anna");
    identity = Identities::idOf("anna@example.com");
    draft = account->deliver(kDraft, inbox, {"\\Draft"});
  }
  std::string fill(std::string text) const {
    const std::pair<std::string, std::string> names[] = {
        {"%S", sent}, {"%I", identity}, {"%M", draft}, {"%A", anna}, {"%B", inbox}};
    for (const auto& [name, id] : names)
      for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += id.size())
        text.replace(at, name.size(), id);
    return text;
  }
  Json run(const std::string& calls) {
    const std::string body =
        R"({"using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:mail","urn:ietf:params:jmap:submission"],"methodCalls":[)" +
        fill(calls) + "]}";
    const Outcome outcome = runRequest(fake.services, fake.anna, body);
    REQUIRE(!outcome.problem);
    return parseJson(outcome.body)->at("methodResponses");
  }
  Json one(const std::string& method, const std::string& args) {
    return run("[\"" + method + R"(",{"accountId":"%A")" + (args.empty() ? "" : ",") + args +
               "},\"0\"]")[0][1];
  }
  Json send(const std::string& more = "") {
    return one("EmailSubmission/set", R"("create":{"k":{"identityId":"%I","emailId":"%M")" + more + "}}");
  }

  FakeServices fake;
  backend::FakeAccount* account;
  std::string anna, inbox, sent, identity, draft;
};

}  // namespace

TEST_CASE("identities come from the directory and are kept", "[jmap]") {
  Office office;
  Json got = office.one("Identity/get", "\"ids\":null");
  REQUIRE(got["list"].size() == 2);
  CHECK(got["list"][0] == Json({{"id", office.identity},
                                {"name", "Anna Example"},
                                {"email", "anna@example.com"},
                                {"replyTo", nullptr},
                                {"bcc", nullptr},
                                {"textSignature", ""},
                                {"htmlSignature", ""},
                                {"mayDelete", false}}));
  const std::string state = got["state"];
  Json set = office.one(
      "Identity/set",
      R"("create":{"a":{"email":"Sales@example.com","name":"Sales","replyTo":[{"email":"r@example.com"}]},
      "b":{"email":"boss@example.com"},"c":{"name":"x\ny","mayDelete":true},"d":{"email":"anna@example.com","textSignature":7}},
    "update":{"%I":{"name":"Anna!","textSignature":"-- A","email":"anna@example.com"},"no":{"name":"x"},"#a":{"htmlSignature":"<b>"}},
    "destroy":["%I","gone"])");
  CHECK(set["oldState"] == state);
  const std::string id = set["created"]["a"]["id"];
  CHECK(set["created"]["a"]["mayDelete"] == true);
  CHECK(set["created"]["a"]["textSignature"] == "");
  CHECK(!set["created"]["a"].contains("name"));
  CHECK(set["notCreated"]["b"]["type"] == "forbiddenFrom");
  CHECK(set["notCreated"]["c"]["type"] == "invalidProperties");
  CHECK(set["notCreated"]["c"]["properties"] == Json{"email", "name", "mayDelete"});
  CHECK(set["notCreated"]["d"]["properties"] == Json{"textSignature"});
  CHECK(set["updated"].contains(office.identity));
  CHECK(set["updated"].contains(id));
  CHECK(set["notUpdated"]["no"]["type"] == "notFound");
  CHECK(set["notDestroyed"][office.identity]["type"] == "forbidden");
  CHECK(set["notDestroyed"]["gone"]["type"] == "notFound");
  CHECK(office.account->metadata.size() == 1);
  got = office.one("Identity/get",
                   R"("ids":["%I",")" + id + R"(","x"],"properties":["id","name","htmlSignature"])");
  CHECK(got["list"][0]["name"] == "Anna!");
  CHECK(got["list"][1] == Json({{"id", id}, {"name", "Sales"}, {"htmlSignature", "<b>"}}));
  CHECK(got["notFound"] == Json{"x"});
  CHECK(got["state"] == set["newState"]);
  Json changes = office.one("Identity/changes", R"("sinceState":")" + state + "\"");
  CHECK(changes["created"] == Json{id});
  CHECK(changes["updated"] == Json{office.identity});
  CHECK(changes["newState"] == set["newState"]);
  CHECK(office.one("Identity/changes", R"("sinceState":"other")")["type"] == "cannotCalculateChanges");
  Json few = office.one("Identity/changes", R"("maxChanges":1,"sinceState":")" + state + "\"");
  CHECK(few["hasMoreChanges"] == true);
  CHECK(office.one("Identity/set", R"("ifInState":"other","destroy":[")" + id + "\"]")["type"] ==
        "stateMismatch");
  CHECK(office.one("Identity/set", R"("destroy":[")" + id + "\"]")["destroyed"] == Json{id});
  set = office.one("Identity/set", R"("update":{"%I":{"email":"sales@example.com"}})");
  CHECK(set["notUpdated"][office.identity]["properties"] == Json{"email"});
}

TEST_CASE("identities are bounded, and need METADATA to be changed", "[jmap]") {
  Office office;
  const std::string large(16'001, 'x');
  Json set = office.one("Identity/set", R"("update":{"%I":{"textSignature":")" + large + R"("}})");
  CHECK(set["notUpdated"][office.identity]["type"] == "tooLarge");
  CHECK(set["notUpdated"][office.identity]["maxSize"] == 16'000);
  const std::string text(15'000, 'x');
  set = office.one("Identity/set",
                   R"("update":{"%I":{"textSignature":")" + text + R"(","htmlSignature":")" + text +
                       R"("}},"create":{"a":{"email":"anna@example.com","textSignature":")" + text +
                       R"("},"b":{"email":"anna@example.com","textSignature":")" + text + R"("}})");
  CHECK(set["notUpdated"][office.identity]["type"] == "overQuota");
  office.account->abilities.metadata = false;
  CHECK(office.one("Identity/get", "")["list"].size() == 2);
  CHECK(office.one("Identity/set", R"("update":{"%I":{"name":"x"}})")["type"] == "serverFail");
}

TEST_CASE("a message is sent: envelope from its header, Bcc taken out, then moved", "[jmap]") {
  Office office;
  Json got = office.run(
      R"(["EmailSubmission/set",{"accountId":"%A","create":{"k":{"identityId":"%I","emailId":"%M"}},
    "onSuccessUpdateEmail":{"#k":{"mailboxIds":{"%S":true},"keywords/$draft":null}}},"0"])");
  REQUIRE(got.size() == 2);
  Json& created = got[0][1]["created"]["k"];
  CHECK(created["undoStatus"] == "final");
  CHECK(created["threadId"] == office.account->emails.at(office.draft).threadId);
  CHECK(created["sendAt"] == "2023-11-14T22:13:20Z");
  CHECK(created["deliveryStatus"]["bert@example.com"] ==
        Json({{"smtpReply", "250 2.1.5 Ok"}, {"delivered", "unknown"}, {"displayed", "unknown"}}));
  CHECK(got[1][0] == "Email/set");
  CHECK(got[1][1]["updated"].contains(office.draft));
  CHECK(office.account->emails.at(office.draft).mailboxes == std::set<std::string>{office.sent});
  CHECK(office.account->emails.at(office.draft).flags.empty());
  REQUIRE(office.fake.submission.taken.size() == 1);
  const auto& taken = office.fake.submission.taken[0];
  CHECK(taken.envelope.from == "anna@example.com");
  std::vector<std::string> to;
  for (const auto& one : taken.envelope.to) to.push_back(one.address);
  CHECK(to ==
        std::vector<std::string>{"bert@example.com", "c@example.com", "d@example.com", "e@example.com"});
  CHECK(taken.message ==
        "From: Anna <anna@example.com>\r\nTo: Bert <bert@example.com>, G: c@example.com;\r\nCc: "
        "BERT@example.com\r\n"
        "Date: Thu, 13 Feb 2020 08:30:00 +0100\r\nSubject: hi\r\n\r\nBcc: this stays\r\n");
  CHECK(office.account->emails.at(office.draft).raw.find("Secret") != Bytes::npos);
}

TEST_CASE("records are read, searched, compared and destroyed", "[jmap]") {
  Office office;
  Json empty = office.one("EmailSubmission/get", "\"ids\":null");
  const std::string first = office.send()["created"]["k"]["id"];
  office.fake.clock.advance(std::chrono::hours(1));
  const std::string second = office.send()["created"]["k"]["id"];
  Json got = office.one("EmailSubmission/get", "\"ids\":null");
  REQUIRE(got["list"].size() == 2);
  CHECK(got["list"][0]["id"] == first);
  CHECK(got["list"][0]["envelope"]["mailFrom"]["email"] == "anna@example.com");
  Json changes =
      office.one("EmailSubmission/changes", R"("sinceState":")" + empty["state"].get<std::string>() + "\"");
  CHECK(changes["created"] == Json{first, second});
  const auto query = [&](const std::string& args) {
    return office.one("EmailSubmission/query", args)["ids"];
  };
  CHECK(query("") == Json{first, second});
  CHECK(query(R"("sort":[{"property":"sentAt","isAscending":false}])") == Json{second, first});
  CHECK(query(R"("filter":{"after":"2023-11-14T23:00:00Z"})") == Json{second});
  CHECK(
      query(
          R"("filter":{"operator":"NOT","conditions":[{"emailIds":["%M"],"identityIds":["%I"],"undoStatus":"final"}]})")
          .empty());
  CHECK(office.one("EmailSubmission/query", R"("filter":{"nonsense":1})")["type"] == "unsupportedFilter");
  CHECK(office.one("EmailSubmission/query", R"("sort":[{"property":"size"}])")["type"] == "unsupportedSort");
  const std::string state = office.one("EmailSubmission/query", "")["queryState"];
  Json set = office.one("EmailSubmission/set", R"("destroy":[")" + first + R"("],"update":{")" + second +
                                                   R"(":{"undoStatus":"canceled"},"x":{}})");
  CHECK(set["destroyed"] == Json{first});
  CHECK(set["notUpdated"][second]["type"] == "cannotUnsend");
  CHECK(set["notUpdated"]["x"]["type"] == "notFound");
  Json delta = office.one("EmailSubmission/queryChanges", R"("sinceQueryState":")" + state + "\"");
  CHECK(delta["removed"] == Json{first});
  CHECK(delta["added"].empty());
  set = office.one("EmailSubmission/set", R"("update":{")" + second + R"(":{"undoStatus":"final"}})");
  CHECK(set["updated"].contains(second));
  set = office.one("EmailSubmission/set", R"("update":{")" + second + R"(":{"emailId":"other"}})");
  CHECK(set["notUpdated"][second]["properties"] == Json{"emailId"});
  office.fake.clock.advance(std::chrono::hours(24 * 31));
  office.send();
  CHECK(office.one("EmailSubmission/get", "\"ids\":null")["list"].size() == 1);
}

TEST_CASE("what cannot be sent is told", "[jmap]") {
  struct Row {
    const char* what;
    const char* draft;
    const char* object;
    const char* type;
    std::vector<std::string> properties;
  };
  const std::string head = "Date: Thu, 13 Feb 2020 08:30:00 +0100\n";
  const Row rows[] = {
      {"identity", nullptr, R"("identityId":"no","emailId":"%M")", "invalidProperties", {"identityId"}},
      {"email", nullptr, R"("identityId":"%I","emailId":"no")", "invalidProperties", {"emailId"}},
      {"server-set",
       nullptr,
       R"("identityId":"%I","emailId":"%M","sendAt":"x","undoStatus":"final")",
       "invalidProperties",
       {"sendAt", "undoStatus"}},
      {"nobody", "From: anna@example.com\n%H\n", nullptr, "noRecipients", {}},
      {"another's name", "From: boss@example.com\nTo: a@b.c\n%H\n", nullptr, "forbiddenFrom", {}},
      {"two names",
       "From: anna@example.com, boss@example.com\nSender: anna@example.com\nTo: a@b.c\n%H\n",
       nullptr,
       "forbiddenFrom",
       {}},
      {"no From", "To: a@b.c\n%H\n", nullptr, "invalidEmail", {"from"}},
      {"no sender of two",
       "From: anna@example.com, sales@example.com\nTo: a@b.c\n%H\n",
       nullptr,
       "invalidEmail",
       {"sender"}},
      {"two Froms",
       "From: anna@example.com\nFrom: anna@example.com\nTo: a@b.c\n%H\n",
       nullptr,
       "invalidEmail",
       {"from"}},
      {"no Date", "From: anna@example.com\nTo: a@b.c\n\n", nullptr, "invalidEmail", {"sentAt"}},
      {"half an address",
       "From: anna@example.com\nTo: joh\nCc: a@b.c\n%H\n",
       nullptr,
       "invalidEmail",
       {"to"}},
      {"envelope",
       nullptr,
       R"("identityId":"%I","emailId":"%M","envelope":7)",
       "invalidProperties",
       {"envelope"}},
      {"no mailFrom",
       nullptr,
       R"("identityId":"%I","emailId":"%M","envelope":{"rcptTo":[{"email":"a@b.c"}]})",
       "invalidProperties",
       {"envelope"}},
      {"other mailFrom",
       nullptr,
       R"("identityId":"%I","emailId":"%M","envelope":{"mailFrom":{"email":"boss@example.com"},"rcptTo":[{"email":"a@b.c"}]})",
       "forbiddenMailFrom",
       {}},
      {"empty rcptTo",
       nullptr,
       R"("identityId":"%I","emailId":"%M","envelope":{"mailFrom":{"email":"anna@example.com"},"rcptTo":[]})",
       "noRecipients",
       {}},
      {"injected rcptTo",
       nullptr,
       R"("identityId":"%I","emailId":"%M","envelope":{"mailFrom":{"email":"anna@example.com"},"rcptTo":[{"email":"a@b.c>\r\nDATA"},{"email":"no"},{"email":"ü@b.c"}]})",
       "invalidRecipients",
       {}},
      {"unknown parameter",
       nullptr,
       R"("identityId":"%I","emailId":"%M","envelope":{"mailFrom":{"email":"anna@example.com","parameters":{"HOLDFOR":"7"}},"rcptTo":[{"email":"a@b.c"}]})",
       "invalidProperties",
       {"envelope"}},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    Office office;
    if (row.draft != nullptr) {
      std::string draft = row.draft;
      if (const auto at = draft.find("%H"); at != std::string::npos) draft.replace(at, 2, head);
      office.draft = office.account->deliver(draft, office.inbox);
    }
    const std::string object = row.object != nullptr ? row.object : R"("identityId":"%I","emailId":"%M")";
    Json set = office.one("EmailSubmission/set", R"("create":{"k":{)" + object + "}}");
    Json& error = set["notCreated"]["k"];
    CHECK(error["type"] == row.type);
    if (!row.properties.empty()) CHECK(error["properties"] == Json(row.properties));
    if (error["type"] == "invalidRecipients") CHECK(error["invalidRecipients"].size() == 3);
    CHECK(office.fake.submission.taken.empty());
    CHECK(set["oldState"] == set["newState"]);
  }
}

TEST_CASE("limits of what is sent", "[jmap]") {
  Office office;
  office.fake.services.limits.maxMessageSize = 50;
  Json set = office.send();
  CHECK(set["notCreated"]["k"]["type"] == "tooLarge");
  CHECK(set["notCreated"]["k"]["maxSize"] == 50);
  office.fake.services.limits.maxMessageSize = 1'000'000;
  std::string to;
  for (int i = 0; i < 1001; ++i)
    to += (i > 0 ? "," : "") + std::string(R"({"email":"u)") + std::to_string(i) + R"(@b.example"})";
  set = office.send(R"(,"envelope":{"mailFrom":{"email":"anna@example.com"},"rcptTo":[)" + to + "]}");
  CHECK(set["notCreated"]["k"]["type"] == "tooManyRecipients");
  CHECK(set["notCreated"]["k"]["maxRecipients"] == 1000);
  office.draft =
      office.account->deliver("From: anna@example.com\nTo: a@b.c\nDate: Thu, 13 Feb 2020 08:30:00 +0100\n\n" +
                                  std::string(999, 'x') + "\n",
                              office.inbox);
  CHECK(office.send()["notCreated"]["k"]["type"] == "invalidEmail");
  office.fake.anna.addresses.clear();
  CHECK(office.send()["notCreated"]["k"]["type"] == "invalidProperties");
}

TEST_CASE("what the MTA says is told, and the draft stays", "[jmap]") {
  const SmtpReply ok{250, "250 2.1.5 Ok"};
  const SmtpReply no{550, "550-5.1.1 no such\n550 5.1.1 user"};
  const SmtpReply later{450, "450 4.2.0 later"};
  const auto four = [](SmtpReply a, SmtpReply data) { return Sent{{a, a, a, a}, std::move(data)}; };
  struct Row {
    Result<Sent> answer;
    const char* type;
    const char* says;
  };
  const Row rows[] = {
      {Error{Errc::Unavailable, "secret", "was not sent; try again"}, "serverUnavailable", "try again"},
      {Error{Errc::Timeout, "secret", "may have gone out"}, "serverFail", "may have gone out"},
      {Error{Errc::Denied, "secret", "550 not you"}, "forbiddenMailFrom", "550 not you"},
      {Error{Errc::Unsupported, "secret", "7 bit"}, "invalidEmail", "7 bit"},
      {four(no, {}), "invalidRecipients", "550 5.1.1 no such user"},
      {four(later, {}), "serverUnavailable", "450 4.2.0 later"},
      {four(ok, {554, "554 5.7.1 spam"}), "forbiddenToSend", "554 5.7.1 spam"},
      {four(ok, {451, "451 4.3.0 later"}), "serverUnavailable", "451 4.3.0 later"},
      {Sent{{}, {}, 4711}, "tooLarge", "4711 octets"},
  };
  for (const Row& row : rows) {
    INFO(row.says);
    Office office;
    office.fake.submission.answer = row.answer;
    Json got = office.run(
        R"(["EmailSubmission/set",{"accountId":"%A","create":{"k":{"identityId":"%I","emailId":"%M"}},
      "onSuccessUpdateEmail":{"#k":{"mailboxIds":{"%S":true}}},"onSuccessDestroyEmail":["#k"]},"0"])");
    REQUIRE(got.size() == 1);
    CHECK(got[0][1]["notCreated"]["k"]["type"] == row.type);
    CHECK(got[0][1]["notCreated"]["k"]["description"].get<std::string>().find(row.says) != std::string::npos);
    CHECK(got.dump().find("secret") == std::string::npos);
    CHECK(office.account->emails.at(office.draft).mailboxes == std::set<std::string>{office.inbox});
    // It can be sent again, once.
    office.fake.submission.answer.reset();
    office.fake.submission.taken.clear();
    CHECK(office.send()["created"].contains("k"));
    CHECK(office.fake.submission.taken.size() == 1);
  }
}

TEST_CASE("refused recipients are told beside those that were taken", "[jmap]") {
  Office office;
  office.fake.submission.answer =
      Sent{{{250, "250 Ok"}, {550, "550-5.1.1 Our user\n550 5.1.1 Other"}, {250, "250 Ok"}, {250, "250 Ok"}},
           {250, "250 queued"}};
  Json set = office.send();
  Json& status = set["created"]["k"]["deliveryStatus"];
  CHECK(status["bert@example.com"]["delivered"] == "unknown");
  CHECK(status["c@example.com"]["delivered"] == "no");
  CHECK(status["c@example.com"]["smtpReply"] == "550 5.1.1 Our user Other");
}

TEST_CASE("sending needs no METADATA, and no account but one's own", "[jmap]") {
  Office office;
  office.account->abilities.metadata = false;
  CHECK(office.send()["created"].contains("k"));
  CHECK(office.one("EmailSubmission/get", "\"ids\":null")["list"].empty());
  FakeServices::share(office.fake, "bert", "anna");
  Json got = office.run(
      R"(["Identity/get",{"accountId":"bert"},"0"],["EmailSubmission/set",{"accountId":"bert","create":{}},"1"],
    ["EmailSubmission/set",{"accountId":"%A","onSuccessUpdateEmail":7},"2"],["EmailSubmission/set",{"accountId":"%A","ifInState":"x"},"3"],
    ["VacationResponse/get",{"accountId":"%A"},"4"],["PushSubscription/get",{},"5"])");
  CHECK(got[0][1]["type"] == "accountNotSupportedByMethod");
  CHECK(got[1][1]["type"] == "accountNotSupportedByMethod");
  CHECK(got[2][1]["type"] == "invalidArguments");
  CHECK(got[3][1]["type"] == "stateMismatch");
  CHECK(got[4][1]["type"] == "unknownMethod");
  CHECK(got[5][1]["type"] == "unknownMethod");
}

TEST_CASE("an envelope of the client's own, with DSN", "[jmap]") {
  Office office;
  Json set = office.send(
      R"(,"envelope":{"mailFrom":{"email":"sales@example.com","parameters":{"ret":"hdrs","ENVID":"a+b"}},
    "rcptTo":[{"email":"x@b.example","parameters":{"NOTIFY":"success,failure","ORCPT":"rfc822;x@b.example"}},{"email":"X@b.example","parameters":null}]})");
  REQUIRE(set["created"].contains("k"));
  const Envelope& envelope = office.fake.submission.taken.at(0).envelope;
  CHECK(envelope.from == "sales@example.com");
  CHECK(envelope.fromParameters == std::vector<std::string>{"RET=HDRS", "ENVID=a+2Bb"});
  REQUIRE(envelope.to.size() == 1);
  CHECK(envelope.to[0].parameters ==
        std::vector<std::string>{"NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;x@b.example"});
  const Json got = office.one("EmailSubmission/get", "\"ids\":null")["list"][0]["envelope"];
  CHECK(got["mailFrom"]["parameters"] == Json({{"RET", "HDRS"}, {"ENVID", "a+b"}}));
  CHECK(got["rcptTo"][0]["parameters"]["ORCPT"] == "rfc822;x@b.example");
  for (const char* parameter :
       {R"("SIZE":"1")", R"("BODY":"8BITMIME")", R"("SMTPUTF8":null)", R"("HOLDFOR":"60")", R"("AUTH":"<>")",
        R"("RET":"ALL")", R"("NOTIFY":"FAILURE")"}) {
    INFO(parameter);
    const Json refused = office.send(R"(,"envelope":{"mailFrom":{"email":"anna@example.com","parameters":{)" +
                                     std::string(parameter) + R"(}},"rcptTo":[{"email":"x@b.example"}]})");
    CHECK(refused["notCreated"]["k"]["type"] == "invalidProperties");
    CHECK(refused["notCreated"]["k"]["properties"] == Json::array({"envelope"}));
  }
  CHECK(office.fake.submission.taken.size() == 1);
}

TEST_CASE("what another request has sent meanwhile is not forgotten", "[jmap]") {
  Office office;
  bool first = true;
  office.fake.submission.meanwhile = [&] {
    if (std::exchange(first, false)) CHECK(office.send()["created"].contains("k"));
  };
  const Json before = office.one("EmailSubmission/get", "\"ids\":[]")["state"];
  const Json set = office.send();
  CHECK(set["created"].contains("k"));
  CHECK(set["oldState"] != before);
  CHECK(office.one("EmailSubmission/get", "\"ids\":null")["list"].size() == 2);
}

}  // namespace posthorn::mshttpd::jmap
