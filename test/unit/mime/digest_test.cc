// SPDX-License-Identifier: Apache-2.0
#include "common/mime/digest.h"

#include <catch2/catch.hpp>

#include "common/mime/preview.h"
#include "test/unit/mime/messages.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

Digest digested(View message, std::size_t window = 1'000'000'000) {
  DigestMaker maker;
  for (std::size_t at = 0; at < message.size(); at += window) maker.feed(message.substr(at, window));
  return maker.finish();
}
Bytes preview(View text) {
  return digested(crlf(text)).preview;
}

}  // namespace

TEST_CASE("a digest holds all that a FETCH needs") {
  const Digest digest = digested(crlf("Date: Sat, 21 Nov 2026 07:00:00 +0000\nFrom: a@b\n\nhello\n world\n"));
  CHECK(digest.envelope.find("\"a\" \"b\"") != Bytes::npos);
  CHECK(digest.bodystructure.find("(\"text\"") == 0);
  REQUIRE(digest.sent);
  CHECK(digest.sent->seconds == 1795244400);
  CHECK(digest.preview == "hello world");
  CHECK_FALSE(digest.hasAttachment);
}

TEST_CASE("attachments are parts that are meant to be files") {
  const auto has = [](View fields) {
    return digested(crlf(multipart("--b\n" + Bytes(fields) + "\n\nx\n--b--\n"))).hasAttachment;
  };
  CHECK(has("Content-Disposition: attachment"));
  CHECK(has("Content-Type: image/png; name=x"));
  CHECK(has("Content-Type: image/png; name*=''x"));
  CHECK_FALSE(has("Content-Type: image/png\nContent-Disposition: inline; filename=x"));
  CHECK_FALSE(has("Content-Type: text/plain"));
  CHECK_FALSE(has("Content-Type: image/png"));
}

TEST_CASE("the preview is of the first text that says something") {
  CHECK(preview(multipart("--b\n\n \n--b\nContent-Type: "
                          "text/html\n\n<style>x</style><p>a&nbsp;b<br>c\n--b\n\nlast\n--b--\n")) == "a b c");
  CHECK(preview(multipart("--b\nContent-Disposition: attachment\n\nfile\n--b\n\ntext\n--b--\n")) == "text");
  CHECK(preview("Content-Type: image/png\n\nx\n").empty());
  CHECK(preview("A: b\n\n> quoted\n> more\nmine\n") == "mine");
  CHECK(preview("A: b\n\n> quoted\n>> more\n") == "quoted more");
  CHECK(preview("Content-Type: text/plain; charset=utf-8\n\n\xE2\x80\x8B a\xC2\xA0"
                "b \xFF") == "a b \xEF\xBF\xBD");
}

TEST_CASE("a preview has at most 200 characters") {
  Bytes text;
  for (int i = 0; i < 300; ++i) text.append("\xC3\xBC");
  CHECK(preview("Content-Type: text/plain; charset=utf-8\n\n" + text).size() == 400);
  Bytes words;
  for (int i = 0; i < 300; ++i) words.append("ab ");
  CHECK(preview("A: b\n\n" + words).size() <= 200);
}

TEST_CASE("a preview that is cut anywhere is the same") {
  const View text = "\xE2\x82\xAC \xF0\x9F\x98\x80 a\r\n> q\r\n\xE2\x82";
  PreviewText whole;
  whole.feed(text);
  const Bytes wanted = whole.take();
  PreviewText cut;
  for (const char c : text) cut.feed(View(&c, 1));
  CHECK(cut.take() == wanted);
}

TEST_CASE("digests pack and unpack") {
  for (const Bytes& message : hardMessages()) {
    const Digest digest = digested(message);
    CHECK(digested(message, 3) == digest);
    const Bytes packed = packDigest(digest);
    const auto again = unpackDigest(packed, message.size());
    REQUIRE(again.ok());
    CHECK(*again == digest);
    const auto views = viewDigest(packed);
    REQUIRE(views.ok());
    CHECK(views->envelope == digest.envelope);
    CHECK(views->preview == digest.preview);
    CHECK_FALSE(unpackDigest(packed, message.size() + 1).ok());
  }
}

TEST_CASE("a packed digest that is not whole is refused") {
  const Bytes packed = packDigest(digested(crlf(multipart("--b\n\nx\n--b--\n"))));
  for (std::size_t length = 0; length < packed.size(); ++length)
    CHECK_FALSE(viewDigest(packed.substr(0, length)).ok());
  for (std::size_t at = 0; at < packed.size(); ++at) {
    Bytes changed = packed;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    CHECK_FALSE(viewDigest(changed).ok());
  }
}

TEST_CASE("an outline that does not nest is refused") {
  const Bytes message = crlf(multipart("--b\nContent-Type: message/rfc822\n\nA: b\n\nx\n--b\n\ny\n--b--\n"));
  const Bytes packed = packOutline(parseMessage(message).outline);
  REQUIRE(unpackOutline(packed, message.size()).ok());
  CHECK_FALSE(unpackOutline(packed + "x", message.size()).ok());
  for (std::size_t at = 0; at < packed.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes changed = packed;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      const auto outline = unpackOutline(changed, message.size());
      if (!outline.ok()) continue;
      for (const PartNode& node : *outline) {
        CHECK(node.headerStart <= node.bodyStart);
        CHECK(node.bodyStart <= node.end);
        CHECK(node.end <= message.size());
        if (node.kind == PartKind::Message) CHECK(node.firstChild != kNoPart);
        if (node.parent != kNoPart) CHECK(node.end <= (*outline)[node.parent].end);
      }
    }
  }
  CHECK(unpackOutline("\x02\x01", 0).error().code == Errc::Unsupported);
}
