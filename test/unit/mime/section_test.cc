// SPDX-License-Identifier: Apache-2.0
#include "common/mime/section.h"

#include <catch2/catch.hpp>

#include "common/mime/structure.h"
#include "test/unit/mime/messages.h"

using namespace posthorn;
using namespace posthorn::mime;
using Text = Section::Text;

namespace {

struct Opened {
  explicit Opened(Bytes message) : text(std::move(message)), outline(parseMessage(text).outline) {}

  [[nodiscard]] std::optional<Bytes> get(std::vector<std::uint32_t> path, Text what = Text::Whole,
                                         std::vector<Bytes> fields = {}) const {
    const Section section{std::move(path), what, std::move(fields)};
    const auto found = resolve(outline, section);
    if (!found) return std::nullopt;
    const View octets = View(text).substr(found->range.offset, found->range.length);
    if (!found->filtered) return Bytes(octets);
    HeaderFilter filter = filterOf(section);
    Bytes out;
    filter.feed(octets, out);
    filter.finish(out);
    return out;
  }

  Bytes text;
  Outline outline;
};

const Bytes kInner = "Subject: in\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\na\n--i\n\nb\n--i--\n";

}  // namespace

TEST_CASE("sections of a plain message") {
  const Opened message("Subject: x\r\n\r\nbody\r\n");
  CHECK(message.get({}) == message.text);
  CHECK(message.get({}, Text::Header) == "Subject: x\r\n\r\n");
  CHECK(message.get({}, Text::Text) == "body\r\n");
  CHECK(message.get({1}) == "body\r\n");
  CHECK(message.get({1}, Text::Mime) == "Subject: x\r\n\r\n");
  CHECK_FALSE(message.get({}, Text::Mime));
  CHECK_FALSE(message.get({2}));
  CHECK_FALSE(message.get({0}));
  CHECK_FALSE(message.get({1, 1}));
  CHECK_FALSE(message.get({1}, Text::Header));
  CHECK_FALSE(message.get({1}, Text::Text));
}

TEST_CASE("sections of nested messages, as in RFC 3501 6.4.5") {
  const Opened message(
      crlf(multipart("--b\n\nfirst\n--b\nContent-Type: message/rfc822\n\n" + kInner +
                     "--b\nContent-Type: message/rfc822\n\nSubject: plain\n\nonly\n--b--\n")));
  CHECK(message.get({1}) == "first");
  CHECK(message.get({2}) == crlf(kInner.substr(0, kInner.size() - 1)));
  CHECK(message.get({2}, Text::Mime) == "Content-Type: message/rfc822\r\n\r\n");
  CHECK(message.get({2}, Text::Header)->substr(0, 11) == "Subject: in");
  CHECK(message.get({2}, Text::Text)->substr(0, 3) == "--i");
  CHECK(message.get({2, 1}) == "a");
  CHECK(message.get({2, 2}) == "b");
  CHECK(message.get({2, 2}, Text::Mime) == "\r\n");
  CHECK_FALSE(message.get({2, 3}));
  CHECK_FALSE(message.get({2, 1, 1}));
  CHECK(message.get({3, 1}) == "only");
  CHECK(message.get({3, 1}, Text::Mime) == "Subject: plain\r\n\r\n");
  CHECK_FALSE(message.get({3, 2}));
  CHECK_FALSE(message.get({4}));
}

TEST_CASE("a message of type message/rfc822") {
  const Opened message(crlf("Subject: out\nContent-Type: message/rfc822\n\nSubject: in\n\nx\n"));
  CHECK(message.get({1}) == "Subject: in\r\n\r\nx\r\n");
  CHECK(message.get({1}, Text::Header) == "Subject: in\r\n\r\n");
  CHECK(message.get({1}, Text::Text) == "x\r\n");
  CHECK(message.get({1, 1}) == "x\r\n");
  CHECK_FALSE(message.get({1, 1, 1}));
}

TEST_CASE("the one part of a multipart without parts is there and empty") {
  const Opened message(crlf(multipart("nothing\n")));
  CHECK(message.get({1}) == "");
  CHECK(message.get({1}, Text::Mime) == "");
  CHECK_FALSE(message.get({2}));
  CHECK_FALSE(message.get({1}, Text::Header));
}

TEST_CASE("fields of a header") {
  const Opened message("Subject: x\r\nFROM: a\r\n b\r\nTo: c\r\nfrom: d\r\n\r\nbody");
  CHECK(message.get({}, Text::HeaderFields, {"From", "Date"}) == "FROM: a\r\n b\r\nfrom: d\r\n\r\n");
  CHECK(message.get({}, Text::HeaderFieldsNot, {"From"}) == "Subject: x\r\nTo: c\r\n\r\n");
}

TEST_CASE("every part has the number that finds it") {
  const Opened message(
      crlf(multipart("--b\n\nfirst\n--b\nContent-Type: message/rfc822\n\n" + kInner +
                     "--b\nContent-Type: message/rfc822\n\nSubject: plain\n\nonly\n--b--\n")));
  for (std::size_t part = 0; part < message.outline.size(); ++part) {
    const auto number = partNumber(message.outline, part);
    const auto found = resolvePart(message.outline, number);
    REQUIRE(found);
    // A multipart inside a message part has that part's number.
    CHECK((*found == part || message.outline[part].parent == *found));
  }
  CHECK(partNumber(message.outline, 1) == std::vector<std::uint32_t>{1});
  CHECK(partNumber(message.outline, 4) == std::vector<std::uint32_t>{2, 1});
}

TEST_CASE("partials are cut at the end and empty behind it") {
  CHECK(partial(Range{10, 5}, 2, 2) == Range{12, 2});
  CHECK(partial(Range{10, 5}, 2, 99) == Range{12, 3});
  CHECK(partial(Range{10, 5}, 5, 1) == Range{15, 0});
  CHECK(partial(Range{10, 5}, 0xFFFFFFFFFFFFFFFFU, 0xFFFFFFFFFFFFFFFFU) == Range{15, 0});
  CHECK(partial(View("hello"), 1, 3) == "ell");
}
