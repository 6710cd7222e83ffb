// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/compose.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "common/base/ascii.h"
#include "common/mime/header.h"
#include "common/mime/words.h"
#include "mshttpd/jmap/json.h"
#include "test/unit/mshttpd/fake_mail_host.h"

namespace posthorn::mshttpd::jmap {
namespace {

Bytes contentOf(const backend::Source& source) {
  Bytes out;
  for (;;) {
    auto window = source();
    REQUIRE(window.ok());
    if (window->empty()) return out;
    out.append(*window);
  }
}

BlobFile fileOf(const Bytes& content, std::string type) {
  auto file = copyToFile(sourceOf(content), content.size());
  REQUIRE(file.ok());
  file->type = std::move(type);
  return *file;
}

Bytes everyOctet() {
  Bytes out;
  for (int i = 0; i < 100'000; ++i) out.push_back(static_cast<char>(i * 31 + i / 256));
  return out;
}

const Bytes kAttachedMail = "From: a@b.example\nSubject: inner\n\nline\n";
const Bytes kEightBitMail = "From: a@b.example\r\nSubject: inner\r\n\r\nGr\xC3\xBC\xC3\x9F\r\n";
const Bytes kBrokenMail = "From: a@b.example\r\n\r\n" + Bytes(2000, 'x') + "\r\n";

Composing composing(std::uint64_t most = 10'000'000) {
  Composing out;
  out.open = [](const std::string& id) -> Result<BlobFile> {
    if (id == "file") return fileOf(everyOctet(), "application/x-thing");
    if (id == "empty") return fileOf("", "text/plain");
    if (id == "odd") return fileOf("a\nb\r\n", "no media type");
    if (id == "mail") return fileOf(kAttachedMail, "message/rfc822");
    if (id == "mail8") return fileOf(kEightBitMail, "message/rfc822");
    if (id == "mailX") return fileOf(kBrokenMail, "message/rfc822");
    if (id == "down") return makeError(Errc::Unavailable, "gone");
    return makeError(Errc::NotFound, "no such blob");
  };
  out.now = Wall(std::chrono::seconds(1'700'000'000));
  out.domain = "example.com";
  out.maxMessage = most;
  out.maxAttachments = most;
  return out;
}

Bytes composed(const char* json) {
  const auto email = parseJson(json);
  REQUIRE(email.ok());
  const auto result = compose(*email, composing());
  if (const auto* error = std::get_if<Json>(&result)) FAIL(printJson(*error));
  const auto& message = std::get<Composed>(result);
  Bytes text = contentOf(message.source());
  CHECK(text.size() == message.octets);
  CHECK(contentOf(message.source()) == text);
  return text;
}

Json refused(const char* json, std::uint64_t most = 10'000'000) {
  const auto email = parseJson(json);
  REQUIRE(email.ok());
  const auto result = compose(*email, composing(most));
  if (!std::holds_alternative<Json>(result)) return Json{{"type", "none"}};
  return std::get<Json>(result);
}

/// RFC 5322 and RFC 5321: short lines of ASCII that all end in CRLF.
void checkSafe(const Bytes& text, bool eightBit = false) {
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find("\r\n", begin), text.size());
    const View line = View(text).substr(begin, end - begin);
    CHECK(line.size() <= 78);
    CHECK(line.find_first_of(View("\r\n\0", 3)) == View::npos);
    if (!eightBit)
      CHECK(
          std::all_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
    begin = end + 2;
  }
}

std::string field(const Bytes& message, View name) {
  const auto value = mime::findField(View(message).substr(0, message.find("\r\n\r\n") + 2), name);
  return value ? mime::decodeHeader(*value) : "(none)";
}

/// The decoded text of part 1.2, its header with `mime`.
Bytes part(const Bytes& message, std::vector<std::uint32_t> numbers) {
  backend::FakeAccount account("anna");
  const auto id = account.deliver(message, account.mailboxId("INBOX"));
  imap::Section section;
  section.part = std::move(numbers);
  return fakeSection(account.emails.at(id), section, true).value_or("(none)");
}
Bytes partHeader(const Bytes& message, std::vector<std::uint32_t> numbers) {
  backend::FakeAccount account("anna");
  const auto id = account.deliver(message, account.mailboxId("INBOX"));
  imap::Section section;
  section.part = std::move(numbers);
  section.text = imap::Section::Text::Mime;
  return fakeSection(account.emails.at(id), section, false).value_or("(none)");
}
bool hasAttachment(const Bytes& message) {
  backend::FakeAccount account("anna");
  return account.emails.at(account.deliver(message, account.mailboxId("INBOX"))).digest.hasAttachment;
}

}  // namespace

TEST_CASE("a plain message is composed", "[jmap]") {
  const Bytes text = composed(R"({"from":[{"name":"Jörg M.","email":"joerg@example.com"}],
    "to":[{"email":"a@b.example"},{"name":"B, \"C\"","email":"c@münchen.example"}],
    "subject":"Grüße","textBody":[{"partId":"1","type":"text/plain"}],
    "bodyValues":{"1":{"value":"Hallo\nWelt\r\nEnde"}}})");
  checkSafe(text);
  CHECK(field(text, "From") == "J\xC3\xB6rg M. <joerg@example.com>");
  CHECK(field(text, "To") == R"(a@b.example, "B, \"C\"" <c@xn--mnchen-3ya.example>)");
  CHECK(field(text, "Subject") ==
        "Gr\xC3\xBC\xC3\x9F"
        "e");
  CHECK(field(text, "Date") == "Tue, 14 Nov 2023 22:13:20 +0000");
  CHECK(field(text, "MIME-Version") == "1.0");
  const std::string id = field(text, "Message-ID");
  CHECK(id.size() == 2 + 32 + sizeof("@example.com") - 1);
  CHECK(text.substr(text.find("\r\n\r\n")) == "\r\n\r\nHallo\r\nWelt\r\nEnde");
  CHECK(field(text, "Content-Type") == "text/plain; charset=us-ascii");
}

TEST_CASE("nothing but nothing is an empty message", "[jmap]") {
  const Bytes text = composed("{}");
  CHECK(text.substr(text.find("\r\n\r\n")) == "\r\n\r\n");
}

TEST_CASE("texts come back whatever they hold", "[jmap]") {
  for (const char* value : {"Gr\\u00fc\\u00dfe", "From me\\n.\\nx \\n", "\\u0000\\u0007",
                            "\\ud83d\\udce8\\ud83d\\udce8\\ud83d\\udce8",
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    const std::string json =
        std::string(R"({"textBody":[{"partId":"1"}],"bodyValues":{"1":{"value":")") + value + "\"}}}";
    const Bytes text = composed(json.c_str());
    checkSafe(text);
    Bytes wanted = parseJson(std::string("[\"") + value + "\"]")->front().get<std::string>();
    for (std::size_t at = 0; (at = wanted.find('\n', at)) != Bytes::npos; at += 2)
      wanted.replace(at, 1, "\r\n");
    CHECK(part(text, {1}) == wanted);
  }
}

TEST_CASE("text, HTML, an image in it and files", "[jmap]") {
  const Bytes text = composed(R"({"textBody":[{"partId":"t","type":"text/plain"}],
    "htmlBody":[{"partId":"h","type":"text/html"}],
    "attachments":[{"blobId":"file","type":"image/png","cid":"i1@x","disposition":"inline","name":"ö.png"},
                   {"blobId":"file","name":"Übersicht über alles, was in diesem Jahr noch zu tun ist.pdf"},
                   {"blobId":"empty","type":"text/plain","charset":"utf-8","name":"e.txt"}],
    "bodyValues":{"t":{"value":"text","isTruncated":false},"h":{"value":"<b>h</b>","isEncodingProblem":false}}})");
  checkSafe(text);
  CHECK(part(text, {1, 1}) == "text");
  CHECK(part(text, {1, 2, 1}) == "<b>h</b>");
  CHECK(part(text, {1, 2, 2}) == everyOctet());
  CHECK(part(text, {2}) == everyOctet());
  CHECK(part(text, {3}).empty());
  CHECK(partHeader(text, {1, 2, 2}).find("Content-ID: <i1@x>") != Bytes::npos);
  CHECK(partHeader(text, {2}).find("application/x-thing") != Bytes::npos);
  CHECK(partHeader(text, {2}).find("attachment;\r\n filename*0*=utf-8''%C3%9Cbersicht%20") != Bytes::npos);
  CHECK(hasAttachment(text));
}

TEST_CASE("a structure of the client's own", "[jmap]") {
  const Bytes text = composed(
      R"({"subject":"s","bodyStructure":{"header:Content-Type":"multipart/report; report-type=delivery-status; boundary=mine",
    "subParts":[{"partId":"a","type":"text/x-Y","language":["de","en"],"location":"https://x.example/a","header:X-Part:asText":"ü"},
      {"type":"multipart/alternative","subParts":[{"blobId":"odd","name":"n"},{"blobId":"mail","type":"message/rfc822"}]}]},
    "bodyValues":{"a":{"value":"A"}}})");
  checkSafe(text);
  const std::string type = field(text, "Content-Type");
  CHECK(type.find("multipart/report; report-type=delivery-status; boundary=\"=_") == 0);
  CHECK(part(text, {1}) == "A");
  CHECK(partHeader(text, {1}) ==
        "X-Part: =?utf-8?q?=C3=BC?=\r\nContent-Type: text/x-y; charset=us-ascii\r\n"
        "Content-Language: de, en\r\nContent-Location: https://x.example/a\r\n"
        "Content-Transfer-Encoding: 7bit\r\n\r\n");
  CHECK(part(text, {2, 1}) == "a\nb\r\n");
  CHECK(partHeader(text, {2, 1}).find("application/octet-stream; name=n") != Bytes::npos);
  CHECK(part(text, {2, 2}) == "From: a@b.example\r\nSubject: inner\r\n\r\nline\r\n");
}

TEST_CASE("attached messages are not encoded, or are no messages", "[jmap]") {
  const Bytes eight = composed(R"({"attachments":[{"blobId":"mail8","type":"message/rfc822"}]})");
  checkSafe(eight, true);
  CHECK(field(eight, "Content-Transfer-Encoding") == "8bit");
  CHECK(part(eight, {1}) == kEightBitMail);
  const Bytes broken = composed(R"({"attachments":[{"blobId":"mailX","type":"message/rfc822"}]})");
  checkSafe(broken);
  CHECK(partHeader(broken, {1}).find("Content-Type: application/octet-stream") == 0);
  CHECK(part(broken, {1}) == kBrokenMail);
}

TEST_CASE("header fields in all forms", "[jmap]") {
  const Bytes text = composed(R"({"messageId":["a@b"],"inReplyTo":["p@q"],"references":["o@q","p@q"],
    "sender":[{"name":null,"email":"s@b.example"}],"replyTo":[{"name":"R","email":"r@b.example"}],"cc":[],"bcc":null,
    "sentAt":"2014-10-30T14:12:00+08:00",
    "header:To:asGroupedAddresses":[{"name":"Team","addresses":[{"email":"x@b.example"},{"name":"Y","email":"y@b.example"}]},
                                    {"name":null,"addresses":[{"email":"joh"},{"email":"z@b.example"}]}],
    "header:List-Post:asURLs":["mailto:list@b.example","https://b.example/post"],
    "header:X-A":" raw\r\n\tfolded","header:X-B:asRaw:all":["1","2"],"header:X-C:asMessageIds":["i@j"],
    "header:X-D:asDate":"2020-02-29T00:00:00Z","header:X-E:asAddresses":[{"email":"a b@c.example"}],
    "header:X-F:asText:all":["ä","b"],"header:Keywords:asText":"k","header:Resent-Message-ID:asMessageIds":["r@s"],
    "header:X-G:asText":null})");
  checkSafe(text);
  const std::pair<const char*, const char*> wanted[] = {
      {"Message-ID", "<a@b>"},
      {"In-Reply-To", "<p@q>"},
      {"References", "<o@q> <p@q>"},
      {"Sender", "s@b.example"},
      {"Reply-To", "R <r@b.example>"},
      {"Cc", "(none)"},
      {"Bcc", "(none)"},
      {"Date", "Thu, 30 Oct 2014 14:12:00 +0800"},
      {"To", "Team: x@b.example, Y <y@b.example>;, joh, z@b.example"},
      {"List-Post", "<mailto:list@b.example>, <https://b.example/post>"},
      {"X-A", "raw\tfolded"},
      {"X-B", "1"},
      {"X-C", "<i@j>"},
      {"X-D", "Sat, 29 Feb 2020 00:00:00 +0000"},
      {"X-E", "\"a b\"@c.example"},
      {"X-F", "\xC3\xA4"},
      {"Keywords", "k"},
      {"Resent-Message-ID", "<r@s>"},
      {"X-G", "(none)"},
  };
  for (const auto& [name, value] : wanted) CHECK(field(text, name) == value);
  CHECK(text.find("\r\nX-B: 1\r\nX-B: 2\r\n") != Bytes::npos);
}

TEST_CASE("what must not be set is refused, and everything that is wrong is named", "[jmap]") {
  struct Row {
    const char* email;
    std::vector<std::string> properties;
  };
  const Row rows[] = {
      {R"({"headers":[]})", {"headers"}},
      {R"({"id":"x","blobId":"x","threadId":"x","size":1,"hasAttachment":true,"preview":""})",
       {"id", "blobId", "threadId", "size", "hasAttachment", "preview"}},
      {R"({"nonsense":1})", {"nonsense"}},
      {R"({"from":[{"email":"a@b.example"}],"header:From":"x"})", {"header:From"}},
      {R"({"header:X-A":"1","header:x-a:asText":"1"})", {"header:x-a:asText"}},
      {R"({"header:Subject:asAddresses":[]})", {"header:Subject:asAddresses"}},
      {R"({"header:From:asText":"x"})", {"header:From:asText"}},
      {R"({"header:Received:asText":"x"})", {"header:Received:asText"}},
      {R"({"header:Date:asNothing":"x"})", {"header:Date:asNothing"}},
      {R"({"header:X Y":"x"})", {"header:X Y"}},
      {R"({"header:":"x"})", {"header:"}},
      {R"({"header:X:asText:all:all":"x"})", {"header:X:asText:all:all"}},
      {R"({"header:Content-Type":"text/plain"})", {"header:Content-Type"}},
      {R"({"header:content-foo:asText":"x"})", {"header:content-foo:asText"}},
      {R"({"header:From:asAddresses:all":[[{"email":"a@b.c"}],[{"email":"a@b.c"}]]})",
       {"header:From:asAddresses:all"}},
      {R"({"header:X-A:all":"x"})", {"header:X-A:all"}},
      // injection
      {R"({"subject":"a\r\nBcc: b@c.example"})", {"subject"}},
      {R"({"subject":"a\nb"})", {"subject"}},
      {R"({"subject":"a\rb"})", {"subject"}},
      {R"({"subject":"a\u0000b"})", {"subject"}},
      {R"({"header:X-A":"a\r\nBcc: b@c.example"})", {"header:X-A"}},
      {R"({"header:X-A":"a\n b"})", {"header:X-A"}},
      {R"({"header:X-A":"a\r\n"})", {"header:X-A"}},
      {R"({"header:X-A\r\nBcc":"a"})", {"header:X-A\r\nBcc"}},
      {R"({"header:X-A":"ü"})", {"header:X-A"}},
      {R"({"from":[{"name":"a\r\nBcc: x","email":"a@b.example"}]})", {"from"}},
      {R"({"from":[{"email":"a@b.example>\r\nBcc: <c@d"}]})", {"from"}},
      {R"({"inReplyTo":["a>\r\nBcc: b"]})", {"inReplyTo"}},
      {R"({"inReplyTo":["a b"],"references":"x"})", {"inReplyTo", "references"}},
      {R"({"header:List-Post:asURLs":["a\r\nb"]})", {"header:List-Post:asURLs"}},
      // wrong types
      {R"({"subject":1,"from":"a@b.example","to":[1],"cc":[{"name":"x"}],"bcc":[{"email":"a@b.c","x":1}]})",
       {"subject", "from", "to", "cc", "bcc"}},
      {R"({"to":[{"email":"jörg@b.example"}]})", {"to"}},
      {R"({"to":[{"email":""}]})", {"to"}},
      {R"({"sentAt":"yesterday"})", {"sentAt"}},
      {R"({"sentAt":"2023-02-29T00:00:00Z"})", {"sentAt"}},
      {R"({"header:To:asGroupedAddresses":[{"name":"a\nb","addresses":[]}]})",
       {"header:To:asGroupedAddresses"}},
      // bodies
      {R"({"textBody":[]})", {"textBody"}},
      {R"({"textBody":[{"partId":"1"},{"partId":"1"}],"bodyValues":{"1":{"value":""}}})", {"textBody"}},
      {R"({"textBody":[{"partId":"1","type":"text/html"}],"bodyValues":{"1":{"value":""}}})", {"textBody"}},
      {R"({"htmlBody":[{"partId":"1","type":"text/plain"}],"bodyValues":{"1":{"value":""}}})", {"htmlBody"}},
      {R"({"textBody":[{"partId":"2","type":"text/plain"}],"bodyValues":{"1":{"value":""}}})", {"textBody"}},
      {R"({"textBody":[{"type":"text/plain"}]})", {"textBody"}},
      {R"({"textBody":[{"partId":"1","blobId":"file"}],"bodyValues":{"1":{"value":""}}})", {"textBody"}},
      {R"({"textBody":[{"partId":"1","charset":"utf-8"}],"bodyValues":{"1":{"value":""}}})", {"textBody"}},
      {R"({"textBody":[{"partId":"1","size":3}],"bodyValues":{"1":{"value":""}}})", {"textBody"}},
      {R"({"textBody":[{"partId":"1","header:Content-Transfer-Encoding":"8bit"}],"bodyValues":{"1":{"value":""}}})",
       {"textBody"}},
      {R"({"textBody":[{"partId":"1"}],"bodyValues":{"1":{"value":"","isTruncated":true}}})", {"bodyValues"}},
      {R"({"textBody":[{"partId":"1"}],"bodyValues":{"1":{"value":"","isEncodingProblem":true}}})",
       {"bodyValues"}},
      {R"({"textBody":[{"partId":"1"}],"bodyValues":{"1":{"value":7}}})", {"bodyValues"}},
      {R"({"bodyValues":[]})", {"bodyValues"}},
      {R"({"attachments":{}})", {"attachments"}},
      {R"({"attachments":[7]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","type":"multipart/mixed","subParts":[]}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","type":"nonsense"}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","name":"a\r\nb"}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","cid":"a>\r\nb"}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","location":"a b"}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","language":"de"}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","disposition":"a\r\nb"}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","headers":[]}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","nonsense":1}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","type":"image/png","charset":"utf-8"}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","type":"image/png","header:Content-Type":"image/gif"}]})",
       {"attachments"}},
      {R"({"attachments":[{"blobId":"file","name":"x","header:Content-Disposition":"inline"}]})",
       {"attachments"}},
      {R"({"attachments":[{"blobId":"file","cid":"x","header:Content-ID":"<x>"}]})", {"attachments"}},
      {R"({"attachments":[{"blobId":"file","subParts":[{"blobId":"file"}]}]})", {"attachments"}},
      {R"({"attachments":[{"partId":"1","type":"image/png"}],"bodyValues":{"1":{"value":""}}})",
       {"attachments"}},
      {R"({"bodyStructure":{"partId":"1"},"textBody":[{"partId":"1"}],"bodyValues":{"1":{"value":""}}})",
       {"textBody"}},
      {R"({"bodyStructure":{"type":"multipart/mixed"}})", {"bodyStructure"}},
      {R"({"bodyStructure":{"type":"multipart/mixed","subParts":[]}})", {"bodyStructure"}},
      {R"({"bodyStructure":{"type":"multipart/mixed","partId":"1","subParts":[{"blobId":"file"}]}})",
       {"bodyStructure"}},
      {R"({"subject":"a","bodyStructure":{"blobId":"file","header:Subject:asText":"b"}})", {"bodyStructure"}},
      {R"({"bodyStructure":[]})", {"bodyStructure"}},
  };
  for (const Row& row : rows) {
    INFO(row.email);
    const Json error = refused(row.email);
    CHECK(error["type"] == "invalidProperties");
    CHECK(error.value("properties", Json()) == Json(row.properties));
    CHECK(!error.value("description", "").empty());
  }
}

TEST_CASE("blobs that are not there are all named", "[jmap]") {
  const Json error =
      refused(R"({"attachments":[{"blobId":"a"},{"blobId":"file"},{"blobId":"b"},{"blobId":"a"}]})");
  CHECK(error["type"] == "blobNotFound");
  CHECK(error["notFound"] == Json{"a", "b"});
  CHECK(refused(R"({"attachments":[{"blobId":"down"}]})")["type"] == "serverUnavailable");
}

TEST_CASE("limits count what is sent", "[jmap]") {
  // 100,000 octets are 136,848 in base64.
  const char* email = R"({"attachments":[{"blobId":"file"}]})";
  CHECK(refused(email, 138'000)["type"] == "none");
  Json error = refused(email, 136'900);
  CHECK(error["type"] == "tooLarge");
  CHECK(error["maxSize"] == 136'900);
  error = refused(email, 99'999);
  CHECK(error["type"] == "tooLarge");
  CHECK(error["maxSize"] == 99'999);
}

TEST_CASE("depth and number of parts are bounded", "[jmap]") {
  Json part = {{"blobId", "empty"}};
  for (int i = 0; i < 14; ++i) part = Json{{"type", "multipart/mixed"}, {"subParts", {part}}};
  CHECK(refused(printJson(Json{{"bodyStructure", part}}).c_str())["properties"] == Json{"bodyStructure"});
  Json many = Json::array();
  for (int i = 0; i < 1001; ++i) many.push_back({{"partId", "1"}});
  const Json email = {{"attachments", many}, {"bodyValues", {{"1", {{"value", ""}}}}}};
  CHECK(refused(printJson(email).c_str())["properties"] == Json{"attachments"});
}

}  // namespace posthorn::mshttpd::jmap
