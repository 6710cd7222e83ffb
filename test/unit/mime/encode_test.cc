// SPDX-License-Identifier: Apache-2.0
#include "common/mime/encode.h"

#include <catch2/catch.hpp>

#include "common/base/ascii.h"
#include "common/mime/address.h"
#include "common/mime/decode.h"
#include "common/mime/domain.h"
#include "common/mime/header.h"
#include "common/mime/parameters.h"
#include "common/mime/words.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

/// Whatever comes out, lines are as RFC 5322 wants them.
void checkLines(const Bytes& text, std::size_t longest) {
  REQUIRE(text.size() >= 2);
  CHECK(text.substr(text.size() - 2) == "\r\n");
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find("\r\n", begin);
    REQUIRE(end != Bytes::npos);
    const View line = View(text).substr(begin, end - begin);
    CHECK(line.size() <= longest);
    CHECK(line.find_first_not_of(" \t") != View::npos);
    for (const char c : line) CHECK((c == '\t' || (c >= 0x20 && c < 0x7F)));
    begin = end + 2;
  }
}

const Bytes kTexts[] = {
    "",
    "Hello",
    "Gr\xC3\xBC\xC3\x9F"
    "e",
    " leading",
    "trailing ",
    "two  blanks",
    "=?utf-8?q?not_a_word?=",
    "\xF0\x9F\x93\xAF\xF0\x9F\x93\xAF\xF0\x9F\x93\xAF\xF0\x9F\x93\xAF\xF0\x9F\x93\xAF\xF0\x9F\x93\xAF\xF0\x9F"
    "\x93\xAF\xF0\x9F"
    "\x93\xAF\xF0\x9F\x93\xAF\xF0\x9F\x93\xAF\xF0\x9F\x93\xAF\xF0\x9F\x93\xAF",
    "a, b; c <d@e> (f) \"g\" \\h",
    Bytes(2000, 'x'),
    Bytes(300, 'y') + " " + Bytes(300, 'z'),
    "one " + Bytes(70, 'a') + " two " + Bytes(70, 'b') + " \xC3\xBC",
};

}  // namespace

TEST_CASE("a text comes back from its header") {
  for (const Bytes& text : kTexts) {
    const Bytes field = foldField("Subject", encodeText(text));
    if (!text.empty()) checkLines(field, kLongestLine);
    const auto split = splitField(View(field).substr(0, field.size() - 2));
    REQUIRE(split);
    CHECK(decodeHeader(split->value) == text);
  }
}

TEST_CASE("a name comes back from its address") {
  for (const Bytes& text : kTexts) {
    if (text.empty()) continue;
    const Bytes field = foldField("To", encodePhrase(text) + " <a@b.example>, c@d.example");
    checkLines(field, kLongestLine);
    std::vector<Address> addresses;
    parseAddresses(View(field).substr(3), addresses);
    REQUIRE(addresses.size() == 2);
    CHECK(decodeWords(addresses[0].name.value_or("")) == text);
    CHECK(spellAddress(addresses[0]) == "a@b.example");
  }
}

TEST_CASE("a parameter comes back") {
  for (const Bytes& text : kTexts) {
    if (text.empty()) continue;
    const Bytes field = foldField("Content-Disposition", "attachment; " + encodeParameter("filename", text));
    checkLines(field, text.size() > 60 ? kWantedLine + 2 : kLongestLine);
    const auto disposition = parseDisposition(View(field).substr(20));
    REQUIRE(disposition);
    CHECK(disposition->type == "attachment");
    CHECK(decodedParameter(disposition->parameters, "filename") == text);
  }
}

TEST_CASE("lines with encoded words are short") {
  const Bytes field = foldField("Subject", encodeText("\xC3\xBC" + Bytes(500, 'a') + "\xC3\xBC"));
  checkLines(field, kWantedLine);
}

TEST_CASE("no control gets into a header") {
  const Bytes bad("a\r\nBcc: x\0y\x7F", 12);
  for (const Bytes& text :
       {encodeText(bad), encodePhrase(bad), encodeParameter("name", bad), quoteString(bad)})
    for (const char c : text) CHECK(!ascii::isControl(c));
}

TEST_CASE("atoms") {
  CHECK(isDotAtom("john.smith"));
  CHECK(isDotAtom("a+b=c"));
  for (const View no : {"", ".", "a.", ".a", "a..b", "a b", "a@b", "a\"", "\xC3\xBC"}) CHECK(!isDotAtom(no));
  CHECK(!isDotAtom(View("a\0b", 3)));
}

TEST_CASE("dates are read back") {
  CHECK(printDate({1'581'579'000, 60}) == "Thu, 13 Feb 2020 08:30:00 +0100");
  CHECK(printDate({0, 0}) == "Thu, 1 Jan 1970 00:00:00 +0000");
  CHECK(printDate({1'700'000'000, -210}) == "Tue, 14 Nov 2023 18:43:20 -0330");
  for (const std::int64_t seconds : {1LL, 951'782'399LL, 951'782'400LL, 4'102'444'800LL, 1'709'164'800LL}) {
    for (const std::int16_t zone : {std::int16_t{0}, std::int16_t{330}, std::int16_t{-720}}) {
      const auto back = parseDate(printDate({seconds, zone}));
      REQUIRE(back);
      CHECK(*back == SentDate{seconds, zone});
    }
  }
}

TEST_CASE("quoted-printable is made and read back") {
  CHECK(encodeQuotedPrintable("Gr\xC3\xBC\xC3\x9F"
                              "e = 1 \r\n") == "Gr=C3=BC=C3=9Fe =3D 1=20\r\n");
  CHECK(encodeQuotedPrintable("From me\r\n.\r\n.x") == "=46rom me\r\n=2E\r\n.x");
  CHECK(encodeQuotedPrintable("\t") == "=09");
  CHECK(encodeQuotedPrintable(View("\0\r\n\r", 4)) == "=00\r\n=0D");
  const Bytes text = Bytes(300, 'x') + "\xC3\xBC\r\n" + Bytes(75, ' ') + "\r\n" + Bytes(76, 'y') + "\n \r\n.";
  const Bytes encoded = encodeQuotedPrintable(text);
  for (const View line : ascii::split(encoded, '\n')) CHECK(line.size() <= 77);
  TransferDecoder decoder(Encoding::QuotedPrintable);
  Bytes back;
  decoder.feed(encoded, back);
  decoder.finish(back);
  CHECK(back == text);
  CHECK(!decoder.damaged());
}

TEST_CASE("base64 lines in pieces of any size, as long as was said") {
  for (std::size_t length = 0; length < 240; ++length) {
    Bytes text;
    for (std::size_t i = 0; i < length; ++i) text.push_back(static_cast<char>(i * 37));
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{57}, std::size_t{500}}) {
      Base64Lines lines;
      Bytes out;
      for (std::size_t at = 0; at < length; at += step) lines.feed(View(text).substr(at, step), out);
      lines.finish(out);
      REQUIRE(out.size() == Base64Lines::size(length));
      TransferDecoder decoder(Encoding::Base64);
      Bytes back;
      decoder.feed(out, back);
      decoder.finish(back);
      REQUIRE(back == text);
    }
  }
}

TEST_CASE("domains") {
  CHECK(asciiDomain("example.com") == "example.com");
  CHECK(asciiDomain("m\xC3\xBCnchen.example") == "xn--mnchen-3ya.example");
  for (const View no : {"", ".", "a..b", "-a.b", "a b", "a\r\nb", "a>b", "\xFF.b", "a_b@c"})
    CHECK(!asciiDomain(no));
  CHECK(!asciiDomain(Bytes(64, 'a') + ".b"));
  CHECK(!asciiDomain(Bytes(2000, 'a')));
}
