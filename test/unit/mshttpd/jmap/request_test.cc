// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/request.h"

#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "common/auth/nobody.h"
#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/gate.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/session_resource.h"
#include "test/unit/mshttpd/fake_services.h"

namespace posthorn::mshttpd::jmap {
namespace {

Outcome run(FakeServices& fake, const std::string& body) {
  return runRequest(fake.services, fake.anna, body);
}

Json responses(FakeServices& fake, const std::string& calls,
               const std::string& uses = R"("urn:ietf:params:jmap:core","urn:ietf:params:jmap:blob")") {
  const Outcome outcome = run(fake, R"({"using":[)" + uses + R"(],"methodCalls":[)" + calls + "]}");
  REQUIRE_FALSE(outcome.problem);
  return parseJson(outcome.body)->at("methodResponses");
}

}  // namespace

TEST_CASE("A request that is none is a problem as a whole", "[jmap]") {
  struct Row {
    const char* body;
    const char* type;
    const char* limit;
  };
  const Row rows[] = {
      {"{", "notJSON", ""},
      {R"({"using":[],"using":[],"methodCalls":[]})", "notJSON", ""},
      {"[]", "notRequest", ""},
      {R"({"methodCalls":[]})", "notRequest", ""},
      {R"({"using":[]})", "notRequest", ""},
      {R"({"using":[1],"methodCalls":[]})", "notRequest", ""},
      {R"({"using":[],"methodCalls":[["a",{}]]})", "notRequest", ""},
      {R"({"using":[],"methodCalls":[["a",[],"c"]]})", "notRequest", ""},
      {R"({"using":[],"methodCalls":[["a",{},3]]})", "notRequest", ""},
      {R"({"using":[],"methodCalls":[],"createdIds":{"a":1}})", "notRequest", ""},
      {R"({"using":["urn:ietf:params:jmap:vacationresponse"],"methodCalls":[]})", "unknownCapability", ""},
      {R"({"using":["https://example.com/x"],"methodCalls":[]})", "unknownCapability", ""},
  };
  FakeServices fake;
  for (const Row& row : rows) {
    INFO(row.body);
    const Outcome outcome = run(fake, row.body);
    REQUIRE(outcome.problem);
    CHECK(outcome.problem->type == std::string("urn:ietf:params:jmap:error:") + row.type);
    CHECK(outcome.problem->status == 400);
    CHECK(outcome.problem->limit == row.limit);
    CHECK(!outcome.problem->detail.empty());
  }
}

TEST_CASE("Nobody reads, and changes nothing", "[jmap]") {
  FakeServices fake;
  fake.anna.user = auth::kNobody;
  std::string uses;
  for (const CapabilitySpec& row : capabilityTable())
    uses += (uses.empty() ? "\"" : ",\"") + std::string(row.uri) + '"';
  const std::set<std::string> writes{"Blob/copy", "Blob/upload",         "Email/copy",   "Email/import",
                                     "Email/set", "EmailSubmission/set", "Identity/set", "Mailbox/set"};
  std::set<std::string> refused;
  for (const MethodSpec& method : methodTable()) {
    const Json said = responses(fake, "[\"" + std::string(method.name) + R"(",{},"c"])", uses);
    const std::string type = said[0][0] == "error" ? said[0][1]["type"].get<std::string>() : "";
    INFO(method.name);
    CHECK((type == "forbidden") == (method.capability == kPrincipals));
    if (type == "accountReadOnly") refused.emplace(method.name);
  }
  CHECK(refused == writes);
  CHECK(sessionResource(fake.services, fake.anna, "")["accounts"].begin().value()["isReadOnly"] == true);
}

TEST_CASE("Limits of a request are named", "[jmap]") {
  FakeServices fake;
  fake.services.limits.maxCallsInRequest = 2;
  const std::string call = R"(["Core/echo",{},"c"])";
  const auto request = [](const std::string& calls) {
    return R"({"using":["urn:ietf:params:jmap:core"],"methodCalls":[)" + calls + "]}";
  };
  CHECK_FALSE(run(fake, request(call + "," + call)).problem);
  CHECK(run(fake, request(call + "," + call + "," + call)).problem->limit == "maxCallsInRequest");

  fake.services.limits.maxSizeRequest = 20;
  CHECK(run(fake, request(call)).problem->limit == "maxSizeRequest");

  fake.services.limits.maxConcurrentRequests = 1;
  {
    const auto other = fake.gate.enter(fake.anna.user, 1);
    CHECK(run(fake, request("")).problem->limit == "maxConcurrentRequests");
  }
  fake.services.limits.maxSizeRequest = 1000;
  CHECK_FALSE(run(fake, request("")).problem);
}

TEST_CASE("Methods run one after the other and fail one by one", "[jmap]") {
  FakeServices fake;
  const Json out = responses(fake, R"(
      ["Core/echo",{"list":[{"id":"a"},{"id":"b"}]},"c0"],
      ["Foo/get",{},"c1"],
      ["Core/echo",{"#ids":{"resultOf":"c0","name":"Core/echo","path":"/list/*/id"}},"c2"],
      ["Core/echo",{"#ids":{"resultOf":"c1","name":"Foo/get","path":"/list"}},"c3"],
      ["Email/get",{},"c4"])");
  REQUIRE(out.size() == 5);
  CHECK(printJson(out[0]) == R"(["Core/echo",{"list":[{"id":"a"},{"id":"b"}]},"c0"])");
  CHECK(out[1][0] == "error");
  CHECK(out[1][1]["type"] == "unknownMethod");
  CHECK(out[1][2] == "c1");
  CHECK(printJson(out[2]) == R"(["Core/echo",{"ids":["a","b"]},"c2"])");
  CHECK(out[3][1]["type"] == "invalidResultReference");
  CHECK(out[4][1]["type"] == "unknownMethod");  // its capability is not in `using`
}

TEST_CASE("createdIds come back when they were given", "[jmap]") {
  FakeServices fake;
  const std::string body =
      R"({"using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:blob"],"createdIds":{"old":"x1"},"methodCalls":[
         ["Blob/upload",{"accountId":"anna","create":{"b":{"data":[{"data:asText":"hello"}]}}},"c"]]})";
  const Json out = *parseJson(run(fake, body).body);
  CHECK(out["createdIds"]["old"] == "x1");
  CHECK(out["createdIds"]["b"] == out["methodResponses"][0][1]["created"]["b"]["id"]);
  CHECK(out["sessionState"] == sessionState(fake.services, fake.anna));
  const Json without = *parseJson(run(fake, R"({"using":[],"methodCalls":[]})").body);
  CHECK_FALSE(without.contains("createdIds"));
}

TEST_CASE("An account is the caller's or shared with him, else it is not there", "[jmap]") {
  FakeServices fake;
  FakeServices::share(fake, "bert", "anna");
  const auto typeOf = [&](const std::string& account) {
    const Json out =
        responses(fake, R"(["Blob/lookup",{"accountId":)" + account + R"(,"typeNames":[],"ids":[]},"c"])");
    return out[0][0] == "error" ? out[0][1]["type"].get<std::string>() : std::string("ok");
  };
  CHECK(typeOf(R"("anna")") == "ok");
  CHECK(typeOf(R"("bert")") == "ok");
  CHECK(typeOf(R"("carl")") == "accountNotFound");
  CHECK(typeOf(R"("_61nna")") == "accountNotFound");
  CHECK(typeOf("7") == "invalidArguments");
  CHECK(typeOf("null") == "invalidArguments");
}

TEST_CASE("The session resource tells all that RFC 8620 2 asks for", "[jmap]") {
  FakeServices fake;
  const Json before = sessionResource(fake.services, fake.anna, "https://mail.example.com:8991");
  for (const CapabilitySpec& row : capabilityTable())
    CHECK(before["capabilities"].contains(std::string(row.uri)));
  for (const char* limit : {"maxSizeUpload", "maxConcurrentUpload", "maxSizeRequest", "maxConcurrentRequests",
                            "maxCallsInRequest", "maxObjectsInGet", "maxObjectsInSet"})
    CHECK(before["capabilities"][std::string(kCore)][limit].is_number_unsigned());
  CHECK(before["accounts"]["anna"]["isPersonal"] == true);
  CHECK(before["accounts"].size() == 1);
  CHECK(before["primaryAccounts"][std::string(kMail)] == "anna");
  CHECK_FALSE(before["primaryAccounts"].contains(std::string(kCore)));
  CHECK(before["apiUrl"] == "https://mail.example.com:8991/jmap/api");
  for (const char* part : {"{accountId}", "{blobId}", "{name}", "{type}"})
    CHECK(before["downloadUrl"].get<std::string>().find(part) != std::string::npos);
  for (const char* part : {"{types}", "{closeafter}", "{ping}"})
    CHECK(before["eventSourceUrl"].get<std::string>().find(part) != std::string::npos);

  FakeServices::share(fake, "bert", "anna");
  const Json after = sessionResource(fake.services, fake.anna, "https://other.example.com");
  CHECK(after["accounts"]["bert"]["isPersonal"] == false);
  CHECK_FALSE(after["accounts"]["bert"]["accountCapabilities"].contains(std::string(kSubmission)));
  CHECK(after["state"] != before["state"]);
  CHECK(after["state"] == sessionState(fake.services, fake.anna));  // the origin is no part of it
}

TEST_CASE("No more requests of a user run at a time than the gate lets in", "[jmap]") {
  Gate gate;
  {
    const auto one = gate.enter("anna", 2);
    const auto two = gate.enter("anna", 2);
    CHECK(one);
    CHECK(two);
    CHECK_FALSE(gate.enter("anna", 2));
    CHECK(gate.enter("bert", 2));
  }
  CHECK(gate.enter("anna", 1));
}

}  // namespace posthorn::mshttpd::jmap
