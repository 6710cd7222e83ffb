// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "common/base/base64.h"
#include "test/unit/imapd/support.h"

using namespace posthorn;
using namespace posthorn::imapd;
using namespace posthorn::imapd::test;
using store::test::append;
using namespace std::string_literals;

namespace {

std::string lines(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += 76) out += text.substr(at, 76) + "\r\n";
  return out;
}

std::string octetsFor(std::size_t count) {
  std::string all(count, '\0');
  std::uint32_t state = 20261121;
  for (char& c : all) {
    state = state * 1664525U + 1013904223U;
    c = static_cast<char>(state >> 24U);
  }
  return all;
}

std::string part(const std::string& type, const std::string& encoding, const std::string& body) {
  return "--b\r\nContent-Type: " + type + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body +
         "\r\n";
}

/// Six parts: base64, quoted-printable, 8bit, a message with a part of its own, unknown, empty base64.
std::string mixed(const std::string& octets) {
  const std::string inner =
      "Subject: inner\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n"
      "Content-Type: text/plain\r\n\r\nplain\r\n--c\r\nContent-Type: "
      "application/x\r\nContent-Transfer-Encoding: "
      "base64\r\n\r\naW5uZXIAIQ==\r\n--c--\r\n";
  return "Subject: outer\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
         part("application/octet-stream", "BASE64", lines(base64::encode(octets))) +
         part("text/plain; charset=utf-8", "quoted-printable", "caf=C3=A9 =\r\nau lait=00=20\r\nend") +
         part("text/plain", "8bit", "gr\xC3\xBC\xC3\x9F") + "--b\r\nContent-Type: message/rfc822\r\n\r\n" +
         inner + "\r\n" + part("image/png", "x-uuencode", "begin 644 x") + part("image/png", "base64", "") +
         "--b--\r\n";
}

/// The items of the one FETCH response in what was sent, by the label that they came with.
std::map<std::string, std::string> items(const Sent& sent) {
  std::map<std::string, std::string> found;
  for (const auto& response : responses(sent.text)) {
    const auto* fetch = std::get_if<imap::FetchData>(&response);
    if (fetch == nullptr) continue;
    for (const auto& item : fetch->items) {
      std::string label;
      imap::putFetchLabel(label, item.attribute);
      const bool size = item.attribute.kind == imap::FetchAttribute::Kind::BinarySize;
      found[label] = size ? std::to_string(item.number) : item.text.value_or("NIL");
    }
  }
  return found;
}

}  // namespace

TEST_CASE("BINARY gives what the transfer encoding hides") {
  World world(anyEngine());
  const std::string octets = octetsFor(1000);
  append(world.box(), mixed(octets));
  Mail mail = selected(world);
  const auto sent =
      fetched(mail,
              "FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1] BINARY.PEEK[2] BINARY.SIZE[2] BINARY.PEEK[3] "
              "BINARY.SIZE[3] BINARY.PEEK[4.1] BINARY.PEEK[4.2] BINARY.SIZE[4.2] BINARY.PEEK[6] "
              "BINARY.SIZE[6] BINARY.PEEK[9] BINARY.SIZE[9])");
  CHECK(sent.end.status == "OK");
  auto found = items(sent);
  CHECK((found["BINARY[1]"] == octets));
  CHECK(found["BINARY.SIZE[1]"] == "1000");
  CHECK(found["BINARY[2]"] == "caf\xC3\xA9 au lait\0 \r\nend"s);
  CHECK(found["BINARY.SIZE[2]"] == std::to_string(found["BINARY[2]"].size()));
  CHECK(found["BINARY[3]"] == "gr\xC3\xBC\xC3\x9F");
  CHECK(found["BINARY.SIZE[3]"] == "6");
  CHECK(found["BINARY[4.1]"] == "plain");
  CHECK(found["BINARY[4.2]"] == "inner\0!"s);
  CHECK(found["BINARY.SIZE[4.2]"] == "7");
  CHECK(found["BINARY[6]"].empty());
  CHECK(found["BINARY.SIZE[6]"] == "0");
  CHECK(found["BINARY[9]"] == "NIL");
  CHECK(found["BINARY.SIZE[9]"] == "0");
  // Only where there is NUL is it a literal8.
  CHECK(sent.text.find("BINARY[1] ~{1000}") != std::string::npos);
  CHECK(sent.text.find("BINARY[3] {6}") != std::string::npos);
  CHECK(sent.text.find("BINARY[4.1] {5}") != std::string::npos);
  CHECK(sent.text.find("BINARY[6] {0}") != std::string::npos);
}

TEST_CASE("the message itself and what is made of parts have no encoding of their own") {
  World world(anyEngine());
  const std::string text = mixed("x");
  append(world.box(), text);
  append(world.box(), "Subject: one\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n");
  Mail mail = selected(world);
  auto found = items(fetched(mail, "FETCH 1 (BINARY.PEEK[] BINARY.SIZE[] BODY.PEEK[4] BINARY.PEEK[4])"));
  CHECK((found["BINARY[]"] == text));
  CHECK(found["BINARY.SIZE[]"] == std::to_string(text.size()));
  CHECK(found["BINARY[4]"] == found["BODY[4]"]);
  found = items(fetched(mail, "FETCH 2 (BINARY.PEEK[1] BINARY.SIZE[1])"));
  CHECK(found["BINARY[1]"] == "hello");
  CHECK(found["BINARY.SIZE[1]"] == "5");
}

TEST_CASE("a message inside that is encoded against the rules is decoded") {
  World world(anyEngine());
  append(world.box(), "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
                          part("message/rfc822", "base64", lines(base64::encode("Subject: in\r\n\r\nside"))) +
                          part("message/rfc822", "8bit", "Subject: plain\r\n\r\nx") + "--b--\r\n");
  Mail mail = selected(world);
  auto found = items(fetched(mail, "FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1] BINARY.PEEK[2] BODY.PEEK[2])"));
  CHECK(found["BINARY[1]"] == "Subject: in\r\n\r\nside");
  CHECK(found["BINARY.SIZE[1]"] == "19");
  CHECK(found["BINARY[2]"] == found["BODY[2]"]);
}

TEST_CASE("a part of the decoded octets") {
  World world(anyEngine());
  const std::string octets = octetsFor(100'000);
  append(world.box(), mixed(octets));
  Mail mail = selected(world);
  const auto partOf = [&](const std::string& range) {
    auto sent = fetched(mail, "FETCH 1 BINARY.PEEK[1]<" + range + ">");
    CHECK(sent.end.status == "OK");
    return items(sent).begin()->second;
  };
  CHECK((partOf("0.10") == octets.substr(0, 10)));
  CHECK((partOf("99990.100") == octets.substr(99'990)));
  CHECK((partOf("50000.40000") == octets.substr(50'000, 40'000)));
  CHECK((partOf("1.4294967296") == octets.substr(1)));
  CHECK(partOf("100000.5").empty());
  CHECK(partOf("200000.5").empty());
  CHECK(fetched(mail, "FETCH 1 BINARY.PEEK[1]<7.10>").text.find("BINARY[1]<7> ") != std::string::npos);
}

TEST_CASE("an encoding that nobody knows fails the request and no other") {
  World world(anyEngine());
  append(world.box(), mixed("x"));
  Mail mail = selected(world);
  for (const char* item : {"BINARY.PEEK[5]", "BINARY.SIZE[5]"}) {
    const auto sent = fetched(mail, "FETCH 1 "s + item);
    CHECK(sent.end.status == "NO");
    CHECK(sent.end.text.starts_with("[UNKNOWN-CTE]"));
    CHECK_FALSE(items(sent).contains("BINARY[5]"));
    CHECK_FALSE(items(sent).contains("BINARY.SIZE[5]"));
    CHECK(sent.text == "* 1 FETCH (UID 1)\r\n");
  }
  const auto sent = fetched(mail, "UID FETCH 1 (BINARY.PEEK[5] BINARY.PEEK[3] BODY.PEEK[5])");
  CHECK(sent.end.text.starts_with("[UNKNOWN-CTE]"));
  CHECK(items(sent)["BODY[5]"] == "begin 644 x");
  CHECK(items(sent)["BINARY[3]"] == "gr\xC3\xBC\xC3\x9F");
}

TEST_CASE("BINARY marks as seen, BINARY.PEEK and BINARY.SIZE do not") {
  World world(anyEngine());
  append(world.box(), mixed("x"));
  Mail mail = selected(world);
  CHECK(fetched(mail, "FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])").text.find("FLAGS") == std::string::npos);
  CHECK(fetched(mail, "FETCH 1 BINARY[1]").text.find("FLAGS (\\Seen") != std::string::npos);
}

TEST_CASE("NUL in a stored part comes in a literal8, as it is") {
  World world(anyEngine());
  const std::string body = "a\0b\r\n"s;
  append(world.box(), "Subject: nul\r\n\r\n" + body);
  append(world.box(), "Subject: nul " + "\0"s + "\r\n\r\nnone\r\n");
  Mail mail = selected(world);
  const auto sent = fetched(mail, "FETCH 1 (BINARY.PEEK[1] BODY.PEEK[1])");
  CHECK(items(sent)["BINARY[1]"] == body);
  CHECK(sent.text.find("BINARY[1] ~{5}") != std::string::npos);
  CHECK(items(sent)["BODY[1]"] == "a\x80"s + "b\r\n");
  CHECK(fetched(mail, "FETCH 2 BINARY.PEEK[1]").text.find("BINARY[1] {6}") != std::string::npos);
}

TEST_CASE("a decoded part is the same in however many windows, and each is bounded") {
  World world(anyEngine());
  const std::string octets = octetsFor(3'000'000);
  append(world.box(), mixed(octets));
  append(world.box(), mixed(octetsFor(10)));
  Mail mail = selected(world);
  const std::string line = GENERATE(
      as<std::string>{}, "FETCH 1:2 (BINARY.SIZE[1] BINARY.PEEK[1] BINARY.PEEK[2] UID BINARY.PEEK[4.2])",
      "FETCH 1:2 BINARY.PEEK[1]<1000000.1500000>");
  const auto whole = fetched(mail, line, SIZE_MAX);
  CHECK(whole.end.status == "OK");
  for (const std::size_t window : {std::size_t{1000}, FetchTransfer::kWindow}) {
    const auto windows = fetched(mail, line, window);
    CHECK((windows.text == whole.text));
    CHECK(windows.windows > 10);
  }
  FetchTransfer transfer(args<imap::FetchArgs>(line), false);
  for (bool over = false; !over;) {
    const auto window = must(transfer.more(mail));
    std::size_t memory = 0;
    for (const auto& piece : window.pieces) memory += octetsOf(piece).size();
    CHECK(memory < FetchTransfer::kWindow + 64UL * 1024);
    over = window.end.has_value();
  }
}
