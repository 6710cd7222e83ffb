// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/request_reader.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mshttpd::http;

namespace {

constexpr HeadLimits kLimits{.line = 200, .whole = 1000, .fields = 10};

Result<Head> headOf(const std::string& text) {
  std::size_t scanned = 0;
  PH_TRY(const auto end, findHeadEnd(text, kLimits, scanned));
  if (!end) return makeError(Errc::NotFound, "not whole");
  RequestReader reader;
  return reader.head(View(text).substr(0, *end), kLimits);
}

Errc whyNot(const std::string& text) {
  const auto head = headOf(text);
  REQUIRE(!head.ok());
  return head.error().code;
}

std::string get(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

struct Body {
  Bytes payload;
  std::size_t used = 0;
  bool done = false;
  std::optional<Errc> wrong;
};

// The body in pieces of `step` octets, as a connection offers them: what was not taken comes again.
Body bodyOf(const std::string& head, const std::string& body, std::size_t step, std::uint64_t most = 1000) {
  RequestReader reader;
  REQUIRE(reader.head(head, kLimits).ok());
  Body out;
  std::size_t offered = 0;
  while (!reader.done() && offered < body.size()) {
    offered = std::min(body.size(), offered + step);
    const auto used = reader.body(View(body).substr(out.used, offered - out.used), most, out.payload);
    if (!used.ok()) {
      out.wrong = used.error().code;
      return out;
    }
    out.used += *used;
  }
  out.done = reader.done();
  return out;
}

const std::string kChunkedHead = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("the head of a request is read", "[http]") {
  const auto head = headOf(
      "POST /a?b=c HTTP/1.1\r\nHost: mail.example\r\nX-Two: 1\r\nx-two: 2\r\nCookie: a=1\r\nCookie: b=2\r\n"
      "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n");
  REQUIRE(head.ok());
  CHECK(head->method == "POST");
  CHECK(head->target == "/a?b=c");
  CHECK(head->header("host") == "mail.example");
  CHECK(head->header("x-two") == "1, 2");
  CHECK(head->header("cookie") == "a=1; b=2");
  CHECK(head->expectContinue);
  CHECK(head->length == 12);
  CHECK(head->keepAlive);
  CHECK(head->http11);
}

TEST_CASE("connections stay or close as the head says", "[http]") {
  CHECK_FALSE(headOf(get("Connection: close\r\n"))->keepAlive);
  CHECK_FALSE(headOf(get("Connection: x, Close\r\n"))->keepAlive);
  CHECK_FALSE(headOf("GET / HTTP/1.0\r\n\r\n")->keepAlive);
}

TEST_CASE("a head comes in any pieces", "[http]") {
  const std::string text = get("X-Some: thing\r\n") + "next";
  std::size_t scanned = 0;
  for (std::size_t size = 1; size < text.size() - 4; ++size) {
    const auto end = findHeadEnd(View(text).substr(0, size), kLimits, scanned);
    REQUIRE(end.ok());
    REQUIRE(!*end);
  }
  const auto end = findHeadEnd(text, kLimits, scanned);
  REQUIRE(end.ok());
  CHECK(**end == text.size() - 4);
}

TEST_CASE("what could be read in two ways is refused", "[http]") {
  const auto [what, text] = GENERATE(table<const char*, std::string>({
      {"folded line", get("X-A: 1\r\n 2\r\n")},
      {"folded by a tab", get("X-A: 1\r\n\t2\r\n")},
      {"two lengths", get("Content-Length: 3\r\nContent-Length: 4\r\n")},
      {"the same length twice", get("Content-Length: 3\r\nContent-Length: 3\r\n")},
      {"a list of lengths", get("Content-Length: 3, 3\r\n")},
      {"a signed length", get("Content-Length: +3\r\n")},
      {"a negative length", get("Content-Length: -3\r\n")},
      {"a length in hex", get("Content-Length: 0x3\r\n")},
      {"a length that overflows", get("Content-Length: 99999999999999999999\r\n")},
      {"an empty length", get("Content-Length:\r\n")},
      {"length and coding", get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")},
      {"coding and length", get("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n")},
      {"coding twice", get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"coding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"blank before the colon", get("Content-Length : 3\r\n")},
      {"no name", get(": 3\r\n")},
      {"no colon", get("Content-Length\r\n")},
      {"two hosts", get("Host: b\r\n")},
      {"no host", "GET / HTTP/1.1\r\n\r\n"},
      {"bare LF", "GET / HTTP/1.1\nHost: a\n\n"},
      {"bare LF inside", get("X-A: 1\nX-B: 2\r\n")},
      {"bare CR inside", get("X-A: 1\rX-B: 2\r\n")},
      {"NUL", get(std::string("X-A: 1\0002\r\n", 10))},
      {"an absolute target", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"an authority", "CONNECT b:25 HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"an asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"two Authorization fields", get("Authorization: Basic YTpi\r\nAuthorization: Bearer x\r\n")},
  }));
  INFO(what);
  CHECK(whyNot(text) == Errc::Invalid);
}

TEST_CASE("transfer codings that we do not know are refused", "[http]") {
  for (const char* coding :
       {"gzip, chunked", "identity", "chunked, identity", "xchunked", "chunked;q=1", "\"chunked\""}) {
    INFO(coding);
    const Errc code = whyNot(get("Transfer-Encoding: " + std::string(coding) + "\r\n"));
    CHECK((code == Errc::Unsupported || code == Errc::Invalid));
  }
}

TEST_CASE("other versions and limits have their own words", "[http]") {
  CHECK(whyNot("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == Errc::Unsupported);
  CHECK(whyNot(get("X-Long: " + std::string(300, 'x') + "\r\n")) == Errc::Limit);
  std::string many;
  for (int i = 0; i < 11; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  CHECK(whyNot(get(many)) == Errc::Limit);
  std::string large;
  for (int i = 0; i < 9; ++i) large += "X-" + std::to_string(i) + ": " + std::string(150, 'x') + "\r\n";
  CHECK(whyNot(get(large)) == Errc::Limit);
}

TEST_CASE("a body of known length is taken and no octet more", "[http]") {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
  for (const std::size_t step : {1U, 2U, 100U}) {
    const Body body = bodyOf(head, "helloGET / HTTP/1.1\r\n", step);
    CHECK(body.done);
    CHECK(body.payload == "hello");
    CHECK(body.used == 5);
  }
}

TEST_CASE("a chunked body is taken in any pieces", "[http]") {
  const std::string wire = "5\r\nhello\r\nA;x=y\r\n, world.  \r\n0\r\nX-Trailer: content-length\r\n\r\nGET";
  for (const std::size_t step : {1U, 2U, 3U, 7U, 100U}) {
    INFO(step);
    const Body body = bodyOf(kChunkedHead, wire, step);
    CHECK(body.done);
    CHECK(body.payload == "hello, world.  ");
    CHECK(body.used == wire.size() - 3);
  }
}

TEST_CASE("damaged chunks are refused", "[http]") {
  const auto [what, wire] = GENERATE(table<const char*, std::string>({
      {"no number", "x\r\n"},
      {"a sign", "-1\r\n\r\n"},
      {"longer than it says", "2\r\nabc\r\n0\r\n\r\n"},
      {"a number that overflows", "FFFFFFFFFFFFFFFFF\r\n"},
      {"bare LF", "1\na\n0\n\n"},
      {"hex by 0x", "0x1\r\na\r\n0\r\n\r\n"},
  }));
  INFO(what);
  const Body body = bodyOf(kChunkedHead, wire, 100);
  CHECK_FALSE(body.done);
  CHECK(body.payload.size() <= 2);
}

TEST_CASE("a body never passes its limit", "[http]") {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n";
  CHECK(bodyOf(head, std::string(50, 'x'), 10, 49).wrong == Errc::TooBig);
  CHECK(bodyOf(head, std::string(50, 'x'), 10, 50).done);
  CHECK(bodyOf(kChunkedHead, "20\r\nx", 10, 31).wrong == Errc::TooBig);
}
