// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <sstream>

#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/email_body.h"
#include "mshttpd/jmap/email_headers.h"
#include "test/unit/mime/messages.h"
#include "test/unit/mshttpd/jmap/reader.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::string_view kLetter =
    "From: =?utf-8?Q?J=C3=B6rg?= <joerg@example.org>\n"
    "Sender: office@example.org\n"
    "To: \"  James Smythe\" <james@example.com>, Friends:\n"
    " jane@example.com, =?UTF-8?Q?John_Sm=C3=AEth?=\n"
    " <john@example.com>;\n"
    "Subject: =?iso-8859-1?Q?Gr=FC=DFe?= aus\n  Bonn\n"
    "Date: Fri, 6 Nov 2026 10:00:00 +0130\n"
    "Message-ID: <one@example.org>\n"
    "References: <a@b> (old) <c@d>\n"
    "List-Post: <mailto:list@example.org?subject=x>,\n <https://example.org/post> (web)\n"
    "X-Twice: first\n"
    "X-Twice: second\n"
    "Content-Type: text/plain; charset=iso-8859-1\n"
    "Content-Transfer-Encoding: quoted-printable\n"
    "\n"
    "Sch=F6n ist es.\n"
    "Zweite Zeile.\n";

/// RFC 8621 4.1.4's example; each part's text is its letter.
std::string listMessage() {
  const auto leaf = [](const char* type, const char* disposition, const char* name) {
    std::string out = "Content-Type: " + std::string(type) + "\n";
    if (disposition[0] != '\0') out += "Content-Disposition: " + std::string(disposition) + "\n";
    return out + "\n" + name + "\n";
  };
  const auto multi = [](const char* type, const char* boundary, const std::vector<std::string>& parts) {
    std::string out = "Content-Type: multipart/" + std::string(type) + "; boundary=" + boundary + "\n\n";
    for (const std::string& part : parts) out += "--" + std::string(boundary) + "\n" + part + "\n";
    return out + "--" + boundary + "--\n";
  };
  const std::string bcd = multi("mixed", "b4",
                                {leaf("text/plain", "inline", "B"), leaf("image/jpeg", "inline", "C"),
                                 leaf("text/plain", "inline", "D")});
  const std::string ef = multi("related", "b5", {leaf("text/html", "", "E"), leaf("image/jpeg", "", "F")});
  const std::string inner =
      multi("mixed", "b2",
            {multi("alternative", "b3", {bcd, ef}), leaf("image/jpeg", "attachment", "G"),
             leaf("application/x-excel", "", "H"), "Content-Type: message/rfc822\n\nSubject: J\n\nJ\n"});
  return "Subject: list\nMIME-Version: 1.0\n" +
         multi("mixed", "b1", {leaf("text/plain", "inline", "A"), inner, leaf("text/plain", "inline", "K")});
}

Json emailOf(Reader& reader, const std::string& id, std::string_view more) {
  Json got = reader(emailGet, "\"ids\":[\"" + id + "\"]," + std::string(more));
  INFO(got.dump(2));
  REQUIRE(got.contains("list"));
  REQUIRE(got["list"].size() == 1);
  return got["list"][0];
}

std::vector<std::string> partIds(const Json& list) {
  std::vector<std::string> out;
  for (const Json& part : list) out.push_back(part["partId"]);
  return out;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("an email's properties come as RFC 8621 4.1 says", "[jmap]") {
  Reader reader;
  const auto id =
      reader.account->deliver(kLetter, reader.inbox, {"\\Seen", "$Forwarded", "\\Deleted", "Work"});
  const std::string& thread = reader.account->emails.at(id).threadId;
  Json email = emailOf(reader, id, R"("properties":["id","blobId","threadId","mailboxIds","keywords","size",
    "receivedAt","messageId","inReplyTo","references","sender","from","to","cc","replyTo","subject","sentAt",
    "hasAttachment","preview"])");
  CHECK(email["id"] == id);
  CHECK(email["blobId"] == "M" + id);
  CHECK(email["threadId"] == thread);
  CHECK(email["mailboxIds"] == Json{{reader.inbox, true}});
  CHECK(email["keywords"] == json(R"({"$forwarded":true,"$seen":true,"work":true})"));
  CHECK(email["size"] == reader.account->emails.at(id).raw.size());
  CHECK(email["receivedAt"] == "2023-11-14T22:13:20Z");
  CHECK(email["messageId"] == json(R"(["one@example.org"])"));
  CHECK(email["inReplyTo"].is_null());
  CHECK(email["references"] == json(R"(["a@b","c@d"])"));
  CHECK(email["sender"] == json(R"([{"name":null,"email":"office@example.org"}])"));
  CHECK(email["from"] == json(R"([{"name":"Jörg","email":"joerg@example.org"}])"));
  CHECK(email["to"] == json(R"([{"name":"James Smythe","email":"james@example.com"},
    {"name":null,"email":"jane@example.com"},{"name":"John Smîth","email":"john@example.com"}])"));
  CHECK(email["cc"].is_null());
  CHECK(email["replyTo"].is_null());
  CHECK(email["subject"] == "Grüße aus  Bonn");
  CHECK(email["sentAt"] == "2026-11-06T10:00:00+01:30");
  CHECK(email["hasAttachment"] == false);
  CHECK(email["preview"] == "Schön ist es. Zweite Zeile.");
}

TEST_CASE("ENVELOPE and header fields tell the same", "[jmap]") {
  Reader reader;
  const auto id = reader.account->deliver(kLetter, reader.inbox);
  const std::string quick = R"("from","to","cc","bcc","subject","sentAt","messageId","inReplyTo")";
  const Json index = emailOf(reader, id, "\"properties\":[" + quick + "]");
  Json fields = emailOf(reader, id, "\"properties\":[" + quick + ",\"replyTo\"]");
  fields.erase("replyTo");
  CHECK(index == fields);
}

TEST_CASE("header fields come in every form", "[jmap]") {
  struct Row {
    const char* property;
    const char* value;
  };
  const Row rows[] = {
      {"header:X-Twice", R"(" second")"},
      {"header:x-twice:all", R"([" first"," second"])"},
      {"header:X-Twice:asText:all", R"(["first","second"])"},
      {"header:X-None", "null"},
      {"header:X-None:all", "[]"},
      {"header:Subject:asText", R"("Grüße aus  Bonn")"},
      {"header:Subject", "\" =?iso-8859-1?Q?Gr=FC=DFe?= aus\\r\\n  Bonn\""},
      {"header:From:asAddresses", R"([{"name":"Jörg","email":"joerg@example.org"}])"},
      {"header:To:asGroupedAddresses",
       R"([{"name":null,"addresses":[{"name":"James Smythe","email":"james@example.com"}]},
        {"name":"Friends","addresses":[{"name":null,"email":"jane@example.com"},
        {"name":"John Smîth","email":"john@example.com"}]}])"},
      {"header:References:asMessageIds", R"(["a@b","c@d"])"},
      {"header:Date:asDate", R"("2026-11-06T10:00:00+01:30")"},
      {"header:List-Post:asURLs", R"(["mailto:list@example.org?subject=x","https://example.org/post"])"},
      {"header:X-Twice:asDate", "null"},
      {"header:X-Twice:asMessageIds:all", "[null,null]"},
  };
  Reader reader;
  const auto id = reader.account->deliver(kLetter, reader.inbox);
  for (const Row& row : rows) {
    INFO(row.property);
    const Json email = emailOf(reader, id, "\"properties\":[\"" + std::string(row.property) + "\"]");
    CHECK(email.at(row.property) == json(row.value));
    CHECK(email.size() == 2);
  }
}

TEST_CASE("broken and hostile header fields give what can be read", "[jmap]") {
  struct Row {
    const char* value;
    HeaderForm form;
    const char* json;
  };
  const Row rows[] = {
      {" joh", HeaderForm::Addresses, R"([{"name":null,"email":"joh"}])"},
      {" ", HeaderForm::Addresses, "[]"},
      {" a@b (Ann)", HeaderForm::Addresses, R"([{"name":"Ann","email":"a@b"}])"},
      {" \"x@y\"@z.example", HeaderForm::Addresses, R"([{"name":null,"email":"\"x@y\"@z.example"}])"},
      {" =?utf-8?Q?a=00=1Bb?=", HeaderForm::Text, R"("ab")"},
      {" =?nonsense?Q?x?=", HeaderForm::Text, R"("=?nonsense?Q?x?=")"},
      {" e\xCC\x81", HeaderForm::Text, "\"\xC3\xA9\""},
      {" a\xFF\xFE", HeaderForm::Raw, "\" a\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {" no ids", HeaderForm::MessageIds, "null"},
      {" <a@b> <unfinished", HeaderForm::MessageIds, R"(["a@b"])"},
      {" NO (posting)", HeaderForm::Urls, "null"},
      {" yesterday", HeaderForm::Date, "null"},
      {" Thu, 1 Jan 1970 00:00:00 -0000", HeaderForm::Date, R"("1970-01-01T00:00:00Z")"},
      {" undisclosed-recipients:;", HeaderForm::Addresses, "[]"},
      {" undisclosed-recipients:;", HeaderForm::GroupedAddresses,
       R"([{"name":"undisclosed-recipients","addresses":[]}])"},
      {" a@b, G: c@d;, e@f, h@i", HeaderForm::GroupedAddresses,
       R"([{"name":null,"addresses":[{"name":null,"email":"a@b"}]},{"name":"G","addresses":[{"name":null,"email":"c@d"}]},
        {"name":null,"addresses":[{"name":null,"email":"e@f"},{"name":null,"email":"h@i"}]}])"},
  };
  for (const Row& row : rows) {
    INFO(row.value);
    CHECK(headerForm(row.value, row.form) == json(row.json));
  }
  CHECK(headerForm(View(" a\0b", 4), HeaderForm::Raw) == " ab");
}

TEST_CASE("a message is cut into bodies and attachments", "[jmap]") {
  Reader reader;
  const auto id = reader.account->deliver(listMessage(), reader.inbox);
  Json email =
      emailOf(reader, id, R"("properties":["textBody","htmlBody","attachments","bodyValues","bodyStructure",
    "hasAttachment"],"bodyProperties":["partId","type","subParts"],"fetchAllBodyValues":true)");
  const auto letters = [&](const Json& list) {
    std::string out;
    for (const Json& part : list) {
      const std::string partId = part["partId"];
      const Json& values = email["bodyValues"];
      if (values.contains(partId)) {
        out += values[partId]["value"].get<std::string>().substr(0, 1);
      } else {
        out += part["type"] == "message/rfc822" ? "J" : part["type"] == "application/x-excel" ? "H" : "i";
      }
    }
    return out;
  };
  CHECK(letters(email["textBody"]) == "ABiDK");
  CHECK(letters(email["htmlBody"]) == "AEK");
  CHECK(letters(email["attachments"]) == "iiiHJ");
  CHECK(partIds(email["attachments"]) == Strings{"2.1.1.2", "2.1.2.2", "2.2", "2.3", "2.4"});
  CHECK(email["hasAttachment"] == true);
  CHECK(email["bodyValues"].size() == 5);
  const Json& root = email["bodyStructure"];
  CHECK(root["partId"].is_null());
  CHECK(root["subParts"].size() == 3);
  CHECK(root["subParts"][0]["subParts"].is_null());
  CHECK(root["subParts"][1]["subParts"][3]["type"] == "message/rfc822");
  CHECK(root["subParts"][1]["subParts"][3]["subParts"].is_null());
}

TEST_CASE("an alternative with one form serves both bodies", "[jmap]") {
  Reader reader;
  const auto html = reader.account->deliver(
      mime::multipart("--b\nContent-Type: text/html\n\n<p>x</p>\n--b--\n", "alternative"), reader.inbox);
  Json email = emailOf(reader, html, R"("properties":["textBody","htmlBody"])");
  CHECK(partIds(email["textBody"]) == Strings{"1"});
  CHECK(partIds(email["htmlBody"]) == Strings{"1"});
}

TEST_CASE("parts tell their names, sizes and header fields", "[jmap]") {
  Reader reader;
  const auto id = reader.account->deliver(
      mime::multipart(
          "--b\n\nhello\n--b\nContent-Type: IMAGE/Png; name=ignored\nContent-ID: <cid@x>\n"
          "Content-Disposition: Attachment; filename*=utf-8''b%C3%BCro.png\nContent-Language: de, en\n"
          "Content-Location: http://x/y\nContent-Transfer-Encoding: base64\n\nAAECAwQ=\n--b--\n"),
      reader.inbox);
  Json email = emailOf(reader, id, R"("properties":["attachments","bodyStructure"],
    "bodyProperties":["partId","blobId","size","name","type","charset","disposition","cid","language","location",
    "header:Content-Type","header:content-id:asMessageIds","headers","subParts"])");
  Json part = email["attachments"][0];
  CHECK(part["partId"] == "2");
  CHECK(part["blobId"] == "P" + id + "_2");
  CHECK(part["size"] == 5);
  CHECK(part["name"] == "büro.png");
  CHECK(part["type"] == "image/png");
  CHECK(part["charset"].is_null());
  CHECK(part["disposition"] == "attachment");
  CHECK(part["cid"] == "cid@x");
  CHECK(part["language"] == json(R"(["de","en"])"));
  CHECK(part["location"] == "http://x/y");
  CHECK(part["header:Content-Type"] == " IMAGE/Png; name=ignored");
  CHECK(part["header:content-id:asMessageIds"] == json(R"(["cid@x"])"));
  CHECK(part["headers"].size() == 6);
  CHECK(part["headers"][0] == json(R"({"name":"Content-Type","value":" IMAGE/Png; name=ignored"})"));
  const Json& text = email["bodyStructure"]["subParts"][0];
  CHECK(text["charset"] == "us-ascii");
  CHECK(text["type"] == "text/plain");
  CHECK(text["size"] == 5);
  CHECK(text["headers"].empty());
  CHECK(email["bodyStructure"]["blobId"].is_null());
  CHECK(email["bodyStructure"]["headers"].size() == 3);
  CHECK(email["bodyStructure"]["header:Content-Type"].is_string());
}

TEST_CASE("values are UTF-8, with their trouble told", "[jmap]") {
  struct Row {
    const char* head;
    std::string body;
    const char* more;
    std::string value;
    bool problem;
    bool truncated;
  };
  const Row rows[] = {
      {"text/plain; charset=utf-8", "a\nb\n", "", "a\nb\n", false, false},
      {"text/plain; charset=utf-8", "\xC3\xA4\xC3\xB6\xC3\xBC", R"(,"maxBodyValueBytes":3)", "\xC3\xA4",
       false, true},
      {"text/plain; charset=utf-8", "abc", R"(,"maxBodyValueBytes":3)", "abc", false, false},
      {"text/html; charset=utf-8", "<p>x<a href=y>z", R"(,"maxBodyValueBytes":9)", "<p>x", false, true},
      {"text/html; charset=utf-8", "1 < 2 <b title=\"a>b\">c", R"(,"maxBodyValueBytes":18)", "1 < 2 ", false,
       true},
      {"text/html; charset=utf-8", "1 < 2 <b title=\"a>b\">c", R"(,"maxBodyValueBytes":21)",
       "1 < 2 <b title=\"a>b\">", false, true},
      {"text/html; charset=utf-8", "it's <p>a<!-- > --> don't", R"(,"maxBodyValueBytes":16)", "it's <p>a",
       false, true},
      {"text/plain; charset=iso-8859-15", "\xA4", "", "€", false, false},
      {"text/plain; charset=x-none", "a\xFFz", "", "a\xEF\xBF\xBDz", true, false},
      {"text/plain; charset=utf-8", "a\xFFz", "", "a\xEF\xBF\xBDz", true, false},
      {"text/plain; charset=utf-8", "\xEF\xBF\xBD meant", "", "\xEF\xBF\xBD meant", false, false},
      {"text/plain; charset=utf-8\nContent-Transfer-Encoding: x-uue", "abc", "", "abc", true, false},
      {"text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", "aMOk", "", "hä", false, false},
  };
  for (const Row& row : rows) {
    INFO(row.head << " " << row.body);
    Reader reader;
    const auto id = reader.account->deliver(
        "Subject: x\nMIME-Version: 1.0\nContent-Type: " + std::string(row.head) + "\n\n" + row.body,
        reader.inbox);
    for (const bool binary : {true, false}) {
      reader.account->abilities.binary = binary;
      Json email = emailOf(
          reader, id, R"("properties":["bodyValues"],"fetchTextBodyValues":true)" + std::string(row.more));
      const Json& value = email["bodyValues"]["1"];
      CHECK(value["value"] == row.value);
      CHECK(value["isEncodingProblem"] == row.problem);
      CHECK(value["isTruncated"] == row.truncated);
    }
  }
}

TEST_CASE("a list of fifty is one command, opened messages are few", "[jmap]") {
  Reader reader;
  std::string ids;
  for (int i = 0; i < 50; ++i)
    ids += (i > 0 ? ",\"" : "\"") + reader.account->deliver(kLetter, reader.inbox) + "\"";
  reader.takeCalls();
  Json list =
      reader(emailGet, "\"ids\":[" + ids +
                           R"(],"properties":["id","threadId","mailboxIds","keywords","from","to","subject",
    "receivedAt","sentAt","size","preview","hasAttachment"])");
  CHECK(list["list"].size() == 50);
  CHECK(reader.takeCalls() == Strings{"messages 50"});
  list = reader(emailGet, "\"ids\":[" + ids + R"(],"fetchTextBodyValues":true)");
  CHECK(list["list"][49]["bodyValues"]["1"]["value"] == "Schön ist es.\nZweite Zeile.\n");
  CHECK(list["list"][49]["textBody"][0]["size"] == 30);
  CHECK(reader.takeCalls() == Strings{"messages 50", "messages 50"});
}

TEST_CASE("messages that are opened are held a hundred at a time", "[jmap]") {
  Reader reader;
  std::string ids;
  for (int i = 0; i < 150; ++i)
    ids += (i > 0 ? ",\"" : "\"") + reader.account->deliver("Subject: x\n\n", reader.inbox) + "\"";
  const std::string big =
      reader.account->deliver("X-Big: " + std::string(30 << 20, 'x') + "\n\n", reader.inbox);
  reader.takeCalls();
  CHECK(reader(emailGet, "\"ids\":[" + ids + R"(],"properties":["headers"])")["list"].size() == 150);
  CHECK(reader.takeCalls() == Strings{"messages 100", "messages 50"});
  CHECK(reader(emailGet, "\"ids\":[" + ids + R"(],"properties":["subject"])")["list"].size() == 150);
  CHECK(reader.takeCalls() == Strings{"messages 150"});
  std::vector<std::string> copies;
  for (int i = 0; i < 3; ++i) {
    copies.push_back("copy" + std::to_string(i));
    reader.account->emails[copies.back()] = reader.account->emails.at(big);
  }
  CHECK(reader(emailGet, R"("ids":["copy0","copy1","copy2"],"properties":["header:X-Big"])")["error"] ==
        "requestTooLarge");
}

TEST_CASE("Email/get tells what is wrong", "[jmap]") {
  struct Row {
    const char* args;
    const char* error;
  };
  const Row rows[] = {
      {R"("ids":"x")", "invalidArguments"},
      {R"("ids":[1])", "invalidArguments"},
      {R"("ids":[],"properties":["nonsense"])", "invalidArguments"},
      {R"("ids":[],"properties":"id")", "invalidArguments"},
      {R"("ids":[],"properties":["header:From:asDate"])", "invalidArguments"},
      {R"("ids":[],"properties":["header:Subject:asAddresses"])", "invalidArguments"},
      {R"("ids":[],"properties":["header:X:asNothing"])", "invalidArguments"},
      {R"("ids":[],"properties":["header:"])", "invalidArguments"},
      {R"("ids":[],"properties":["header:X:all:asText"])", "invalidArguments"},
      {R"("ids":[],"bodyProperties":["subject"])", "invalidArguments"},
      {R"("ids":[],"bodyProperties":["header:Date:asText"])", "invalidArguments"},
      {R"("ids":[],"fetchTextBodyValues":1)", "invalidArguments"},
      {R"("ids":[],"maxBodyValueBytes":-1)", "invalidArguments"},
      {R"("ids":["a","b","c"])", "requestTooLarge"},
  };
  Reader reader;
  reader.fake.services.limits.maxObjectsInGet = 2;
  for (const Row& row : rows) {
    INFO(row.args);
    CHECK(reader(emailGet, row.args)["error"] == row.error);
  }
  CHECK(reader(emailGet, R"("ids":[])", "nobody")["error"] == "accountNotFound");
  reader.fake.services.limits.maxObjectsInGet = 3;
  Json found = reader(emailGet, R"("ids":["gone","gone","no id"],"properties":["id"])");
  CHECK(found["list"].empty());
  CHECK(found["notFound"] == json(R"(["no id","gone"])"));
  for (int i = 0; i < 3; ++i) reader.account->deliver(kLetter, reader.inbox);
  CHECK(reader(emailGet, R"("ids":null,"properties":[])")["list"].size() == 3);
  reader.account->deliver(kLetter, reader.inbox);
  CHECK(reader(emailGet, R"("ids":null)")["error"] == "requestTooLarge");
  reader.account->refuse = [](std::string_view) { return makeError(Errc::Unavailable, "gone"); };
  CHECK(reader(emailGet, R"("ids":["e1"])")["error"] == "serverUnavailable");
}

TEST_CASE("properties that are too many are refused, many are the whole header", "[jmap]") {
  Reader reader;
  const auto id = reader.account->deliver(kLetter, reader.inbox);
  const auto properties = [](int count) {
    std::string out = "\"properties\":[";
    for (int i = 0; i < count; ++i)
      out += (i > 0 ? ",\"header:X-" : "\"header:X-") + std::to_string(i) + "\"";
    return out + ",\"header:X-Twice\"]";
  };
  CHECK(emailOf(reader, id, properties(200))["header:X-Twice"] == " second");
  CHECK(reader(emailGet, "\"ids\":[]," + properties(300))["error"] == "invalidArguments");
}

TEST_CASE("hard messages are told whatever they are", "[jmap]") {
  Reader reader;
  for (const Bytes& message : mime::hardMessages()) {
    INFO(message);
    const auto id = reader.account->deliver(message, reader.inbox);
    Json email =
        emailOf(reader, id, R"("properties":["headers","bodyStructure","textBody","htmlBody","attachments",
      "bodyValues","from","subject","preview","header:Subject:asText:all"],"bodyProperties":["partId","blobId","size",
      "headers","type","subParts"],"fetchAllBodyValues":true)");
    // Every part has octets of its own.
    const std::function<void(const Json&)> check = [&](const Json& part) {
      if (part["subParts"].is_array()) {
        CHECK(part["blobId"].is_null());
        for (const Json& child : part["subParts"]) check(child);
        return;
      }
      std::uint64_t size = 0;
      std::string type;
      Failure failure;
      const auto* account = reader.call.account(Json{{"accountId", accountId("anna")}}, failure);
      const auto blob = openBlob(reader.call, *account, part["blobId"], size, type);
      REQUIRE(blob.ok());
      CHECK(readAll(*blob, 1'000'000)->size() == part["size"]);
      CHECK(size == part["size"]);
    };
    check(email["bodyStructure"]);
    CHECK(!printJson(email).empty());
  }
}

TEST_CASE("a shared account shows what its owner lets see", "[jmap]") {
  Reader reader;
  FakeServices::share(reader.fake, "bert", "anna");
  const auto open = reader.bert->deliver(kLetter, reader.bert->mailboxId("INBOX"));
  const auto hidden = reader.bert->deliver(kLetter, reader.bert->addMailbox("Private"));
  Json got =
      reader(emailGet, "\"ids\":[\"" + open + "\",\"" + hidden + R"("],"properties":["subject"])", "bert");
  CHECK(got["list"].size() == 1);
  CHECK(got["notFound"] == Json::array({hidden}));
  CHECK(reader(emailGet, R"("ids":[])", "carl")["error"] == "accountNotFound");
}

TEST_CASE("blob ids name messages and parts", "[jmap]") {
  CHECK(parseMailBlobId("Mabc") == MailBlob{"abc", {}});
  CHECK(parseMailBlobId("Pa_b_1-20") == MailBlob{"a_b", {1, 20}});
  for (const char* bad : {"", "M", "P", "Pabc", "Pabc_", "P_1", "Pabc_0", "Pabc_01", "Pabc_1-",
                          "Pabc_99999999999", "Uabc", "Pabc_1.2", "Na_1"}) {
    INFO(bad);
    CHECK(!parseMailBlobId(bad));
  }
  CHECK(innerBlobId("Mx", {1, 2}) == "Px_1-2");
  CHECK(innerBlobId("Px_2", {1}) == "NPx_2_1");
  CHECK(innerBlobId("U1", {1}) == "NU1_1");
}

}  // namespace posthorn::mshttpd::jmap
