// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/methods.h"
#include "test/unit/mshttpd/fake_services.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// The arguments of the response, or {"type": ...} of the failure.
Json ask(Call& call, Method method, const std::string& args) {
  const Answer answer = method(call, *parseJson(args));
  return answer.ok() ? answer.arguments() : Json{{"type", answer.failure().type}};
}

struct Fixture {
  Fixture() { call.use({std::string(kMail), std::string(kBlob)}); }

  FakeServices fake;
  Call call{fake.services, fake.anna};
  backend::FakeAccount& account = *fake.hosts.accounts.at("anna");
};

}  // namespace

TEST_CASE("A blob is made of texts, base64 and parts of others", "[jmap][blob]") {
  Fixture f;
  const Json out = ask(f.call, blobUpload, R"({"accountId":"anna","create":{
      "b4":{"data":[{"data:asText":"The quick brown fox jumped over the lazy dog."}]}}})");
  CHECK(out["created"]["b4"]["size"] == 45);
  CHECK(out["created"]["b4"]["type"] == "application/octet-stream");
  CHECK(out["notCreated"].is_null());
  const Json cat =
      ask(f.call, blobUpload, R"({"accountId":"anna","create":{"cat":{"type":"text/plain","data":[
      {"data:asText":"How"},{"blobId":"#b4","length":7,"offset":3},{"data:asText":"was t"},
      {"blobId":"#b4","length":1,"offset":1},{"data:asBase64":"YXQ/"}]}}})");
  CHECK(cat["created"]["cat"]["size"] == 19);
  const Json got =
      ask(f.call, blobGet, R"({"accountId":"anna","ids":["#cat"],"properties":["data:asText","size"]})");
  CHECK(got["list"][0]["data:asText"] == "How quick was that?");
  CHECK(got["list"][0]["size"] == 19);
}

TEST_CASE("What cannot be a blob is refused one by one", "[jmap][blob]") {
  Fixture f;
  const char* bad[] = {
      R"({})",
      R"({"data":"x"})",
      R"({"data":[7]})",
      R"({"data":[{}]})",
      R"({"data":[{"data:asText":"a","data:asBase64":"YQ=="}]})",
      R"({"data":[{"data:asBase64":"****"}]})",
      R"({"data":[{"blobId":"nothing"}]})",
      R"({"data":[{"data:asText":5}]})",
      R"({"data":[{"blobId":"#b","offset":4,"length":2}]})",
      R"({"data":[{"blobId":"#b","offset":-1}]})",
      R"({"data":[],"type":9})",
  };
  ask(f.call, blobUpload, R"({"accountId":"anna","create":{"b":{"data":[{"data:asText":"hello"}]}}})");
  for (const char* object : bad) {
    INFO(object);
    const Json out =
        ask(f.call, blobUpload,
            std::string(R"({"accountId":"anna","create":{"x":)") + object + R"(,"ok":{"data":[]}}})");
    CHECK(out["notCreated"]["x"]["type"].is_string());
    CHECK(out["created"]["ok"]["size"] == 0);
  }
  f.fake.uploads.refuse = makeError(Errc::OverQuota, "full");
  const Json full = ask(f.call, blobUpload, R"({"accountId":"anna","create":{"x":{"data":[]}}})");
  CHECK(full["notCreated"]["x"]["type"] == "overQuota");
  f.fake.services.limits.maxSizeRequest = 4;
  const Json big =
      ask(f.call, blobUpload, R"({"accountId":"anna","create":{"x":{"data":[{"data:asText":"hello"}]}}})");
  CHECK(big["notCreated"]["x"]["type"] == "tooLarge");
  CHECK(ask(f.call, blobUpload, R"({"accountId":"anna"})")["type"] == "invalidArguments");
  CHECK(ask(f.call, blobUpload, R"({"accountId":"carl","create":{}})")["type"] == "accountNotFound");
}

TEST_CASE("Ranges of blobs are told as RFC 9404 4.2 says", "[jmap][blob]") {
  Fixture f;
  ask(f.call, blobUpload, R"({"accountId":"anna","create":{
      "b1":{"data":[{"data:asBase64":"VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wZWQgb3ZlciB0aGUggYEgZG9nLg=="}]},
      "b2":{"data":[{"data:asText":"hello world"}]}}})");
  struct Row {
    const char* more;
    const char* first;
    const char* second;
  };
  const Row rows[] = {
      {"",
       R"({"isEncodingProblem":true,"data:asBase64":"VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wZWQgb3ZlciB0aGUggYEgZG9nLg==","size":43})",
       R"({"data:asText":"hello world","size":11})"},
      {R"(,"properties":["data:asText","size"])",
       R"({"isEncodingProblem":true,"data:asText":null,"size":43})",
       R"({"data:asText":"hello world","size":11})"},
      {R"(,"properties":["data:asBase64"],"offset":0,"length":5)", R"({"data:asBase64":"VGhlIHE="})",
       R"({"data:asBase64":"aGVsbG8="})"},
      {R"(,"offset":0,"length":5)", R"({"data:asText":"The q","size":43})",
       R"({"data:asText":"hello","size":11})"},
      {R"(,"offset":20,"length":100)",
       R"({"isEncodingProblem":true,"data:asBase64":"anVtcGVkIG92ZXIgdGhlIIGBIGRvZy4=","isTruncated":true,"size":43})",
       R"({"data:asText":"","isTruncated":true,"size":11})"},
      {R"(,"properties":["digest:sha","digest:sha-256"],"offset":0,"length":3)", nullptr,
       R"({"digest:sha":"Nhez1m04BJZkKINmzi75+Ll0eIM=","digest:sha-256":"1qgfIku/L3wiut29XUBzDrIM+ws9dOEMq2F4ghTKzrE="})"},
      {R"(,"properties":["size"])", R"({"size":43})", R"({"size":11})"},
  };
  for (const Row& row : rows) {
    INFO(row.more);
    Json out = ask(f.call, blobGet,
                   std::string(R"({"accountId":"anna","ids":["#b1","#b2","none"])") + row.more + "}");
    REQUIRE(out["list"].size() == 2);
    CHECK(printJson(out["notFound"]) == R"(["none"])");
    for (Json& item : out["list"]) item.erase("id");
    if (row.first != nullptr) CHECK(printJson(out["list"][0]) == row.first);
    CHECK(printJson(out["list"][1]) == row.second);
  }
  CHECK(ask(f.call, blobGet, R"({"accountId":"anna"})")["type"] == "invalidArguments");
  CHECK(ask(f.call, blobGet, R"({"accountId":"anna","ids":[],"properties":["x"]})")["type"] ==
        "invalidArguments");
  f.fake.services.limits.maxObjectsInGet = 1;
  CHECK(ask(f.call, blobGet, R"({"accountId":"anna","ids":["a","b"]})")["type"] == "requestTooLarge");
}

TEST_CASE("A lookup tells what holds a blob", "[jmap][blob]") {
  Fixture f;
  const auto inbox = f.account.mailboxId("INBOX");
  const auto email = f.account.deliver("Subject: one\n\nbody\n", inbox);
  const std::string blob = messageBlobId(email);
  const Json out = ask(
      f.call, blobLookup,
      R"({"accountId":"anna","typeNames":["Email","Thread","Mailbox"],"ids":[")" + blob + R"(","none"]})");
  CHECK(printJson(out["list"][0]["matchedIds"]["Email"]) == "[\"" + email + "\"]");
  CHECK(out["list"][0]["matchedIds"]["Thread"].size() == 1);
  CHECK(printJson(out["list"][0]["matchedIds"]["Mailbox"]) == "[\"" + inbox + "\"]");
  CHECK(out["list"][1]["matchedIds"]["Email"].empty());
  CHECK(ask(f.call, blobLookup, R"({"accountId":"anna","typeNames":["Identity"],"ids":[]})")["type"] ==
        "unknownDataType");
  // RFC 9404 4.3: whose specification is not used is not known.
  f.call.use({std::string(kBlob)});
  CHECK(ask(f.call, blobLookup, R"({"accountId":"anna","typeNames":["Email"],"ids":[]})")["type"] ==
        "unknownDataType");
}

TEST_CASE("Blobs go from one account to another", "[jmap][blob]") {
  Fixture f;
  FakeServices::share(f.fake, "bert", "anna");
  backend::FakeAccount& bert = *f.fake.hosts.accounts.at("bert");
  const auto email = bert.deliver("Subject: one\n\nbody\n", bert.mailboxId("INBOX"));
  const std::string blob = messageBlobId(email);
  const Json out = ask(f.call, blobCopy,
                       R"({"fromAccountId":"bert","accountId":"anna","blobIds":[")" + blob + R"(","none"]})");
  const std::string copy = out["copied"][blob];
  CHECK(out["notCopied"]["none"]["type"] == "notFound");
  const Json got = ask(f.call, blobGet, R"({"accountId":"anna","ids":[")" + copy + R"("]})");
  CHECK(got["list"][0]["data:asText"] == "Subject: one\r\n\r\nbody\r\n");
  CHECK(ask(f.call, blobCopy, R"({"fromAccountId":"carl","accountId":"anna","blobIds":[]})")["type"] ==
        "fromAccountNotFound");
}

}  // namespace posthorn::mshttpd::jmap
