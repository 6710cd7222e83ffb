// SPDX-License-Identifier: Apache-2.0
#include "common/mime/structure.h"

#include <map>

#include <catch2/catch.hpp>

#include "common/mime/limits.h"
#include "test/unit/mime/messages.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

Bytes body(View message, const PartNode& node) {
  return Bytes(message.substr(node.bodyStart, node.bodySize()));
}

/// What a sink sees, as text.
class Journal : public PartSink {
 public:
  void onField(std::size_t part, View name, View value) override {
    log.append(std::to_string(part)).append(" ").append(name).append("=").append(value).append("\n");
  }
  void onBodyStart(std::size_t part, const PartNode& node, const PartHead& head) override {
    log.append(std::to_string(part))
        .append(node.text ? " text" : " other")
        .append(head.type ? " typed\n" : "\n");
  }
  void onBody(std::size_t part, View octets) override { bodies[part].append(octets); }
  void onEnd(std::size_t part) override { log.append(std::to_string(part)).append(" end\n"); }

  Bytes log;
  std::map<std::size_t, Bytes> bodies;
};

Structure parsedIn(View message, std::size_t window, PartSink* sink = nullptr) {
  MessageParser parser(sink);
  for (std::size_t at = 0; at < message.size(); at += window) parser.feed(message.substr(at, window));
  return parser.finish();
}

}  // namespace

TEST_CASE("a plain message is one leaf") {
  const Bytes message = crlf("Subject: x\n\none\ntwo");
  const Structure structure = parseMessage(message);
  REQUIRE(structure.outline.size() == 1);
  const PartNode& node = structure.outline[0];
  CHECK(node.kind == PartKind::Leaf);
  CHECK(node.text);
  CHECK(node.headerSize() == 14);
  CHECK(node.headerLines == 2);
  CHECK(body(message, node) == "one\r\ntwo");
  CHECK(node.bodyLines == 1);
}

TEST_CASE("the empty message and messages without a body are whole") {
  for (const View message :
       {View(""), View("\r\n"), View("Subject: x"), View("Subject: x\r\n"), View("\r")}) {
    const Structure structure = parseMessage(message);
    REQUIRE(structure.outline.size() == 1);
    CHECK(structure.outline[0].end == message.size());
    CHECK(structure.outline[0].bodySize() == 0);
  }
}

TEST_CASE("the line end before a boundary belongs to it") {
  const Bytes message =
      crlf(multipart("pre\n--b\n\none\n\n--b\nContent-Type: text/html\n\ntwo\n--b--\nepilogue\n"));
  const Structure structure = parseMessage(message);
  REQUIRE(structure.outline.size() == 3);
  CHECK(body(message, structure.outline[1]) == "one\r\n");
  CHECK(structure.outline[1].bodyLines == 1);
  CHECK(body(message, structure.outline[2]) == "two");
  CHECK(structure.outline[2].bodyLines == 0);
  CHECK(structure.outline[0].firstChild == 1);
  CHECK(structure.outline[1].nextSibling == 2);
  CHECK(structure.outline[0].end == message.size());
}

TEST_CASE("an empty line behind a header is the boundary's when that follows") {
  const Bytes message = crlf(multipart("--b\nContent-ID: <1>\n\n--b\n\n--b\n--b--\n"));
  const Structure structure = parseMessage(message);
  REQUIRE(structure.outline.size() == 4);
  CHECK(structure.outline[1].headerSize() == 17);
  CHECK(structure.outline[1].headerLines == 1);
  for (const std::size_t part : {1, 2, 3}) CHECK(structure.outline[part].bodySize() == 0);
  CHECK(structure.outline[2].headerSize() == 0);
}

TEST_CASE("a multipart's own first boundary may stand right behind its header") {
  const Bytes message = crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n");
  const Structure structure = parseMessage(message);
  REQUIRE(structure.outline.size() == 2);
  CHECK(structure.outline[0].headerSize() == message.find("--b\r\n"));
}

TEST_CASE("a multipart without boundary is text") {
  const Structure structure = parseMessage(crlf("Content-Type: multipart/mixed\n\nx\n"));
  REQUIRE(structure.outline.size() == 1);
  CHECK(structure.outline[0].kind == PartKind::Leaf);
  CHECK(structure.outline[0].text);
  CHECK_FALSE(structure.heads[0].type);
}

TEST_CASE("the longest boundary that fits decides, the innermost of equals") {
  const Bytes longer = crlf(multipart(
      "--b\nContent-Type: multipart/mixed; boundary=bb\n\n--bb\n\nx\n--bb--\n--b\n\nlast\n--b--\n"));
  const Structure structure = parseMessage(longer);
  REQUIRE(structure.outline.size() == 4);
  CHECK(structure.outline[2].parent == 1);
  CHECK(structure.outline[3].parent == 0);
  const Bytes same = crlf(
      multipart("--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--\n--b\n\nlast\n--b--\n"));
  CHECK(parseMessage(same).outline[3].parent == 0);
}

TEST_CASE("an outer boundary ends everything inside") {
  const Bytes message = crlf(multipart(
      "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nx\n--b--\n"));
  const Structure structure = parseMessage(message);
  REQUIRE(structure.outline.size() == 4);
  CHECK(structure.outline[1].kind == PartKind::Message);
  CHECK(structure.outline[2].kind == PartKind::Multipart);
  CHECK(body(message, structure.outline[3]) == "x");
  for (const std::size_t part : {1, 2, 3}) CHECK(structure.outline[part].end == structure.outline[3].end);
}

TEST_CASE("a message inside has its own envelope and always a child") {
  const Structure structure = parseMessage(crlf("Content-Type: message/rfc822\n\nSubject: in\n\nx\n"));
  REQUIRE(structure.outline.size() == 2);
  CHECK(structure.heads[1].envelope.find("\"in\"") != Bytes::npos);
  CHECK(structure.outline[1].headerStart == structure.outline[0].bodyStart);
  for (const char* cut : {"Content-Type: message/rfc822", "Content-Type: message/rfc822\n\n"})
    CHECK(parseMessage(crlf(cut)).outline.size() == 2);
}

TEST_CASE("message/global nests, unless it is encoded") {
  CHECK(parseMessage(crlf("Content-Type: message/global\n\nSubject: in\n\nx\n")).outline.size() == 2);
  const Structure encoded =
      parseMessage(crlf("Content-Type: message/global\nContent-Transfer-Encoding: base64\n\nAAAA\n"));
  REQUIRE(encoded.outline.size() == 1);
  CHECK(encoded.outline[0].global);
}

TEST_CASE("parts of a digest are messages unless they say otherwise") {
  const Structure structure = parseMessage(
      crlf(multipart("--b\n\nSubject: 1\n\nx\n--b\nContent-Type: text/plain\n\nx\n--b--\n", "digest")));
  CHECK(structure.outline[1].kind == PartKind::Message);
  CHECK(structure.heads[1].digestChild);
  CHECK(structure.outline.back().kind == PartKind::Leaf);
}

TEST_CASE("bare LF ends a line, bare CR does not") {
  const View message = "Subject: a\rb\n\none\rstill one\ntwo\n";
  const Structure structure = parseMessage(message);
  CHECK(structure.outline[0].headerLines == 2);
  CHECK(structure.outline[0].bodyLines == 2);
}

TEST_CASE("what a sink sees does not depend on the cut") {
  for (const Bytes& message : hardMessages()) {
    Journal whole;
    const Structure structure = parsedIn(message, message.size() + 1, &whole);
    for (const std::size_t window : {1, 2, 3, 5, 7, 64}) {
      Journal cut;
      CHECK(parsedIn(message, window, &cut) == structure);
      CHECK(cut.log == whole.log);
      CHECK(cut.bodies == whole.bodies);
      CHECK(parsedIn(message, window) == structure);
    }
    for (const auto& [part, octets] : whole.bodies) CHECK(octets == body(message, structure.outline[part]));
  }
}

TEST_CASE("nesting beyond the bound is opaque") {
  Bytes message;
  for (int i = 0; i < 150; ++i) message.append("Content-Type: message/rfc822\r\n\r\n");
  const Structure structure = parseMessage(message);
  CHECK(structure.outline.size() == kMaxDepth);
  CHECK(structure.outline.back().kind == PartKind::Leaf);
  REQUIRE(structure.heads.back().type);
  CHECK(structure.heads.back().type->is("application", "octet-stream"));
  CHECK(structure.outline.back().end == message.size());
}

TEST_CASE("parts beyond the bound belong to the last one") {
  Bytes parts;
  for (std::size_t i = 0; i < kMaxParts + 50; ++i) parts.append("--b\n\nx\n");
  const Bytes message = crlf(multipart(parts + "--b--\n"));
  const Structure structure = parseMessage(message);
  CHECK(structure.outline.size() == kMaxParts);
  CHECK(structure.outline.back().end == message.size());
}

TEST_CASE("long fields and headers are cut, offsets stay exact") {
  const Bytes message = "Subject: " + Bytes(kMaxField + 100, 'x') + "\r\nX: " + Bytes(kMaxHeader, 'y') +
                        "\r\nDate: unseen\r\n\r\nbody\r\n";
  const Structure structure = parseMessage(message);
  CHECK(structure.outline[0].bodySize() == 6);
  CHECK(structure.heads[0].envelope.size() < kMaxField + 100);
  CHECK(structure.heads[0].envelope.find("unseen") == Bytes::npos);
}

TEST_CASE("kept text is bounded over all parts") {
  Bytes parts;
  for (int i = 0; i < 12; ++i) parts.append("--b\nContent-ID: " + Bytes(kMaxField - 100, 'i') + "\n\nx\n");
  const Structure structure = parseMessage(crlf(multipart(parts)));
  std::size_t kept = 0;
  for (const PartHead& head : structure.heads) kept += head.id.value_or("").size();
  CHECK(kept <= kMaxKeptText);
  CHECK(structure.outline.size() == 13);
}
