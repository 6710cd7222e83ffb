// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/request.h"
#include "test/unit/mshttpd/fake_services.h"

namespace posthorn::mshttpd::jmap {
namespace {

Json one(FakeServices& fake, const std::string& method, const std::string& args) {
  const std::string body =
      R"({"using":["urn:ietf:params:jmap:core","urn:ietf:params:jmap:principals"],"methodCalls":[[")" +
      method + R"(",{"accountId":")" + accountId("anna") + "\"" + (args.empty() ? "" : ",") + args +
      R"(},"0"]]})";
  const Outcome outcome = runRequest(fake.services, fake.anna, body);
  REQUIRE(!outcome.problem);
  return parseJson(outcome.body)->at("methodResponses")[0][1];
}

}  // namespace

TEST_CASE("people of the directory are found and shown", "[jmap]") {
  FakeServices fake;
  Json got = one(fake, "Principal/query", R"("filter":{"text":"B"})");
  CHECK(got["ids"] == Json{"bert"});
  CHECK(got["canCalculateChanges"] == false);
  CHECK(one(fake, "Principal/query",
            R"("filter":{"email":"example.com"},"sort":[{"property":"name","isAscending":false}])")["ids"] ==
        Json{"bert", "anna"});
  CHECK(one(fake, "Principal/query", R"("filter":{"accountIds":["anna"],"type":"individual"})")["ids"] ==
        Json{"anna"});
  CHECK(one(fake, "Principal/query", R"("filter":{"type":"group"})")["ids"].empty());
  CHECK(one(fake, "Principal/query",
            R"("filter":{"operator":"NOT","conditions":[{"name":"anna"}]})")["ids"] == Json{"bert"});
  CHECK(one(fake, "Principal/query", R"("filter":{"nonsense":1})")["type"] == "unsupportedFilter");
  CHECK(one(fake, "Principal/query", R"("filter":{"name":1})")["type"] == "invalidArguments");
  CHECK(one(fake, "Principal/query", R"("sort":[{"property":"nonsense"}])")["type"] == "unsupportedSort");
  got = one(fake, "Principal/get", R"("ids":["bert","nobody","anna"])");
  CHECK(got["notFound"] == Json{"nobody"});
  CHECK(got["list"][0]["name"] == "Bert Beispiel");
  CHECK(got["list"][0]["email"] == "bert@example.com");
  CHECK(got["list"][0]["type"] == "individual");
  CHECK(got["list"][0]["accounts"].is_null());
  CHECK(got["list"][1]["accounts"]["anna"]["isPersonal"] == true);
  FakeServices::share(fake, "bert", "anna");
  got = one(fake, "Principal/get", R"("ids":["bert"],"properties":["accounts"])");
  CHECK(got["list"][0]["accounts"]["bert"]["isPersonal"] == false);
  CHECK(
      !got["list"][0]["accounts"]["bert"]["accountCapabilities"].contains("urn:ietf:params:jmap:submission"));
  CHECK(!got["list"][0].contains("name"));
  CHECK(one(fake, "Principal/get", "")["list"].size() == 2);
}

TEST_CASE("people are not changed here, and nobody knows when they change", "[jmap]") {
  FakeServices fake;
  CHECK(one(fake, "Principal/changes", R"("sinceState":"0")")["type"] == "cannotCalculateChanges");
  CHECK(one(fake, "Principal/queryChanges", R"("sinceQueryState":"0")")["type"] == "cannotCalculateChanges");
  Json set =
      one(fake, "Principal/set", R"("create":{"a":{}},"update":{"anna":{"name":"x"}},"destroy":["bert"])");
  CHECK(set["notCreated"]["a"]["type"] == "forbidden");
  CHECK(set["notUpdated"]["anna"]["type"] == "forbidden");
  CHECK(set["notDestroyed"]["bert"]["type"] == "forbidden");
}

TEST_CASE("without a share there are no notifications", "[jmap]") {
  FakeServices fake;
  Json got = one(fake, "ShareNotification/get", R"("ids":["x"])");
  CHECK(got["list"].empty());
  CHECK(got["notFound"] == Json{"x"});
  CHECK(one(fake, "ShareNotification/get", R"("ids":null)")["list"].empty());
  CHECK(one(fake, "ShareNotification/changes", R"("sinceState":"0")")["created"].empty());
  CHECK(one(fake, "ShareNotification/changes", R"("sinceState":"1")")["type"] == "cannotCalculateChanges");
  CHECK(one(fake, "ShareNotification/query", "")["ids"].empty());
  CHECK(one(fake, "ShareNotification/queryChanges", R"("sinceQueryState":"0")")["added"].empty());
  Json set = one(fake, "ShareNotification/set", R"("create":{"a":{}},"update":{"x":{}},"destroy":["x"])");
  CHECK(set["notCreated"]["a"]["type"] == "forbidden");
  CHECK(set["notUpdated"]["x"]["type"] == "forbidden");
  CHECK(set["notDestroyed"]["x"]["type"] == "notFound");
}

}  // namespace posthorn::mshttpd::jmap
