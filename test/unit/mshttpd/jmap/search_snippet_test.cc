// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/marked_text.h"
#include "test/unit/mime/messages.h"
#include "test/unit/mshttpd/jmap/reader.h"

namespace posthorn::mshttpd::jmap {
namespace {

Json snippet(Reader& reader, const std::string& id, const std::string& filter) {
  Json got = reader(searchSnippetGet, "\"filter\":" + filter + ",\"emailIds\":[\"" + id + "\"]");
  INFO(got.dump());
  REQUIRE(got["list"].size() == 1);
  return got["list"][0];
}

}  // namespace

TEST_CASE("matches are marked and escaped", "[jmap]") {
  struct Row {
    std::vector<std::string> terms;
    const char* text;
    const char* whole;
  };
  const Row rows[] = {
      {{"b"}, "a <b> & B", "a &lt;<mark>b</mark>&gt; &amp; <mark>B</mark>"},
      {{"gr\xC3\xBC\xC3\x9F"},
       "GR\xC3\x9C\xC3\x9F"
       "E",
       "<mark>GR\xC3\x9C\xC3\x9F</mark>E"},
      {{"ab", "bc"}, "xabcx", "x<mark>abc</mark>x"},
      {{"a"}, "aaa", "<mark>aaa</mark>"},
      {{"<"}, "a<b", "a<mark>&lt;</mark>b"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(TextMarker(row.terms).whole(row.text) == std::string(row.whole));
  }
  CHECK(!TextMarker({"x"}).whole("abc"));
  CHECK(!TextMarker({}).whole("abc"));
  CHECK(!TextMarker({""}).whole("abc"));
}

TEST_CASE("a preview stays within 255 octets", "[jmap]") {
  const TextMarker marker({"needle"});
  for (const std::string filler : {"<", "x", "\xC3\xA4", "word ", "\xF0\x9F\x98\x80"}) {
    for (std::size_t before = 0; before < 300; before += 7) {
      std::string text;
      for (std::size_t i = 0; i < before; ++i) text += filler;
      text += "needle";
      for (int i = 0; i < 300; ++i) text += filler + (i % 9 == 0 ? "needle" : "");
      const auto around = marker.around(text, 255);
      REQUIRE(around);
      CHECK(around->size() <= 255);
      CHECK(around->find("<mark>needle</mark>") != std::string::npos);
      CHECK(printJson(*around).find("\\ufffd") == std::string::npos);
      std::size_t opened = 0;
      std::size_t closed = 0;
      for (std::size_t at = 0; (at = around->find("<mark>", at)) != std::string::npos; ++at) ++opened;
      for (std::size_t at = 0; (at = around->find("</mark>", at)) != std::string::npos; ++at) ++closed;
      CHECK(opened == closed);
    }
  }
}

TEST_CASE("snippets show subject and body where they match", "[jmap]") {
  Reader reader;
  const auto id = reader.account->deliver(
      mime::multipart(
          "--b\nContent-Type: text/plain\n\nplain words\n\n with   <needle> & more\n--b\n"
          "Content-Type: text/html; charset=utf-8\n\n<p>only <b>html</b> says caf\xC3\xA9</p>\n--b--\n"),
      reader.inbox);
  CHECK(snippet(reader, id, R"({"text":"needle"})") ==
        json(R"({"emailId":")" + id +
             R"(","subject":null,"preview":"plain words with &lt;<mark>needle</mark>&gt; &amp; more"})"));
  CHECK(snippet(reader, id, R"({"subject":"M"})")["subject"] == "<mark>m</mark>");
  CHECK(snippet(reader, id, R"({"subject":"needle"})")["preview"].is_null());
  const std::string html = snippet(reader, id, R"({"body":"CAF\u00c9"})")["preview"];
  CHECK(html.find("<mark>caf\xC3\xA9</mark>") != std::string::npos);
  CHECK(html.find("<p>") == std::string::npos);
  CHECK(snippet(reader, id, R"({"operator":"NOT","conditions":[{"text":"needle"}]})")["preview"].is_null());
  CHECK(snippet(reader, id, "null")["preview"].is_null());
  Json got = reader(searchSnippetGet, R"("filter":null,"emailIds":["gone","gone"])");
  CHECK(got["notFound"] == json(R"(["gone"])"));
  CHECK(reader(searchSnippetGet, R"("filter":null,"emailIds":[])")["notFound"].is_null());
}

TEST_CASE("blobs are parsed as emails, and what is inside them has blobs, too", "[jmap]") {
  Reader reader;
  const std::string inner =
      "From: x@y.example\nSubject: inside\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nhello\n"
      "--i\nContent-Type: application/x-y; name=f\nContent-Transfer-Encoding: base64\n\nAAEC\n--i--\n";
  const auto id = reader.account->deliver(
      mime::multipart("--b\n\nsee\n--b\nContent-Type: message/rfc822\n\n" + inner + "--b--\n"), reader.inbox);
  const auto upload = reader.fake.uploads.keep("anna", mime::crlf(inner), "message/rfc822");
  const auto junk = reader.fake.uploads.keep("anna", View("\x01\x02\x03"), "image/png");
  Json got = reader(emailParse, "\"blobIds\":[\"P" + id + "_2\",\"M" + id + "\",\"" + upload->id + "\",\"" +
                                    junk->id + R"(","Unothing","Pgone_1"],"fetchTextBodyValues":true)");
  INFO(got.dump(2));
  CHECK(got["notFound"] == json(R"(["Unothing","Pgone_1"])"));
  CHECK(got["notParsable"] == Json::array({junk->id}));
  REQUIRE(got["parsed"].size() == 3);
  Failure failure;
  const auto* account = reader.call.account(Json{{"accountId", accountId("anna")}}, failure);
  for (const std::string& blob : {"P" + id + "_2", upload->id}) {
    Json& parsed = got["parsed"][blob];
    CHECK(parsed["subject"] == "inside");
    CHECK(parsed["bodyValues"]["1"]["value"] == "hello");
    CHECK(!parsed.contains("id"));
    CHECK(parsed["hasAttachment"] == true);
    const std::string file = parsed["attachments"][0]["blobId"];
    std::uint64_t size = 0;
    std::string type;
    const auto source = openBlob(reader.call, *account, file, size, type);
    REQUIRE(source.ok());
    CHECK(*readAll(*source, 100) == Bytes("\0\1\2", 3));
    CHECK(size == 3);
    CHECK(type == "application/x-y");
  }
  CHECK(got["parsed"]["M" + id]["attachments"][0]["blobId"] == "P" + id + "_2");
  got =
      reader(emailParse,
             "\"blobIds\":[\"" + upload->id +
                 R"("],"properties":["id","blobId","threadId","mailboxIds","keywords","receivedAt","size"])");
  CHECK(got["parsed"][upload->id] ==
        json(R"({"id":null,"blobId":")" + upload->id +
             R"(","threadId":null,"mailboxIds":null,"keywords":null,"receivedAt":null,"size":)" +
             std::to_string(mime::crlf(inner).size()) + "}"));
  CHECK(got["notFound"].is_null());
  CHECK(reader(emailParse, R"("blobIds":["x"],"properties":["header:From:asDate"])")["error"] ==
        "invalidArguments");
  CHECK(reader(emailParse, "")["error"] == "invalidArguments");
  CHECK(reader(emailParse, R"("blobIds":[])")["parsed"].is_null());
  reader.fake.services.limits.maxObjectsInGet = 1;
  CHECK(reader(emailParse, R"("blobIds":["a","b"])")["error"] == "requestTooLarge");
}

TEST_CASE("quotas come with their history in the state", "[jmap]") {
  Reader reader;
  reader.account->quota = {{"", true, 100, 1000}, {"", false, 5, 50}};
  Json got = reader(quotaGet, R"("ids":null)");
  CHECK(got["list"][0] ==
        json(R"({"id":"q-octets","resourceType":"octets","used":100,"hardLimit":1000,"scope":"account",
    "name":"anna","types":["Email"],"warnLimit":null,"softLimit":null,"description":null})"));
  const std::string state = got["state"];
  reader.account->quota[0].used = 200;
  Json changes = reader(quotaChanges, "\"sinceState\":\"" + state + "\"");
  CHECK(changes["updated"] == json(R"(["q-octets"])"));
  CHECK(changes["updatedProperties"] == json(R"(["used"])"));
  CHECK(changes["created"].empty());
  reader.account->quota[0].limit = 2000;
  reader.account->quota.pop_back();
  changes = reader(quotaChanges, "\"sinceState\":\"" + state + "\"");
  CHECK(changes["updatedProperties"].is_null());
  CHECK(changes["destroyed"] == json(R"(["q-count"])"));
  CHECK(reader(quotaChanges, "\"maxChanges\":1,\"sinceState\":\"" + state + "\"")["error"] ==
        "cannotCalculateChanges");
  CHECK(reader(quotaChanges, R"("sinceState":"x")")["error"] == "cannotCalculateChanges");
  CHECK(reader(quotaChanges, "\"maxChanges\":0,\"sinceState\":\"" + state + "\"")["error"] ==
        "invalidArguments");
  CHECK(reader(quotaGet, R"("ids":["q-octets","gone"],"properties":["used"])")["list"][0] ==
        json(R"({"id":"q-octets","used":200})"));
  CHECK(reader(quotaGet, R"("ids":["gone"])")["notFound"] == json(R"(["gone"])"));
  CHECK(reader(quotaGet, R"("ids":null,"properties":["x"])")["error"] == "invalidArguments");
}

TEST_CASE("quotas are queried", "[jmap]") {
  Reader reader;
  reader.account->quota = {{"", true, 100, 1000}, {"", false, 5, 50}};
  const std::pair<const char*, const char*> rows[] = {
      {R"("sort":[{"property":"used"}])", R"(["q-count","q-octets"])"},
      {R"("sort":[{"property":"used","isAscending":false}])", R"(["q-octets","q-count"])"},
      {R"("filter":{"resourceType":"count"})", R"(["q-count"])"},
      {R"("filter":{"name":"ANN","scope":"account","type":"Email"},"sort":[{"property":"name"}],"limit":1)",
       R"(["q-count"])"},
      {R"("filter":{"type":"Calendar"})", "[]"},
      {R"("filter":{"scope":"domain"})", "[]"},
  };
  for (const auto& [args, ids] : rows) {
    INFO(args);
    CHECK(reader(quotaQuery, args)["ids"] == json(ids));
  }
  CHECK(reader(quotaQuery, R"("filter":{"x":"y"})")["error"] == "unsupportedFilter");
  CHECK(reader(quotaQuery, R"("sort":[{"property":"hardLimit"}])")["error"] == "unsupportedSort");
  const std::string state = reader(quotaQuery, "")["queryState"];
  reader.account->quota[1].used = 6;
  Json changes = reader(quotaQueryChanges, "\"sinceQueryState\":\"" + state + "\"");
  CHECK(changes["removed"] == json(R"(["q-count"])"));
  CHECK(changes["added"] == json(R"([{"id":"q-count","index":0}])"));
  CHECK(reader(quotaQueryChanges, R"("sinceQueryState":"x")")["error"] == "cannotCalculateChanges");
  reader.account->abilities.quota = false;
  CHECK(reader(quotaGet, R"("ids":null)")["list"].empty());
}

}  // namespace posthorn::mshttpd::jmap
