// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/request.h"

#include <vector>

#include <catch2/catch.hpp>

#include "mshttpd/pages.h"

using namespace posthorn;
using namespace posthorn::mshttpd;

namespace {

Result<Request> parse(const std::vector<std::string>& lines) {
  RequestHead head;
  for (const std::string& line : lines) {
    const auto whole = head.take(line);
    if (!whole.ok()) return whole.error();
    if (*whole) return head.finish();
  }
  return makeError(Errc::Unavailable, "incomplete");
}

}  // namespace

TEST_CASE("a request's head becomes a value") {
  const auto request = parse({"", "GET /?q=1 HTTP/1.1", "Host: mail.example", "Accept: */*", ""});
  REQUIRE(request.ok());
  CHECK(request->method == "GET");
  CHECK(request->path == "/");
  CHECK(request->keepAlive);
  CHECK_FALSE(request->hasBody);
  CHECK_FALSE(parse({"GET / HTTP/1.1", "Host: a", "Connection: foo, Close", ""})->keepAlive);
  CHECK_FALSE(parse({"GET / HTTP/1.0", ""})->keepAlive);
  CHECK(parse({"POST / HTTP/1.1", "Host: a", "Content-Length: 5", ""})->hasBody);
  CHECK(parse({"POST / HTTP/1.1", "Host: a", "Transfer-Encoding: chunked", ""})->hasBody);
}

TEST_CASE("heads that two servers could read in two ways are refused") {
  const std::vector<std::vector<std::string>> bad = {
      {"GET /"},
      {"GET  / HTTP/1.1"},
      {"G\x01T / HTTP/1.1"},
      {"GET / HTTP/1.1", "Host : a"},
      {"GET / HTTP/1.1", "Host: a", " folded"},
      {"GET / HTTP/1.1", "Host: a", "Host: b"},
      {"GET / HTTP/1.1", "Host: a", "Content-Length: -1"},
      {"GET / HTTP/1.1", "Host: a", "Content-Length: 1, 2"},
      {"GET / HTTP/1.1", "X: a", ""},
      {"GET / HTTP/1.1", std::string("X: a\0b", 6)},
  };
  for (const auto& lines : bad) {
    INFO(lines.back());
    const auto request = parse(lines);
    REQUIRE_FALSE(request.ok());
    CHECK(request.error().code == Errc::Invalid);
  }
  CHECK(parse({"GET / HTTP/2.0"}).error().code == Errc::Unsupported);
}

TEST_CASE("the number of header fields is bounded") {
  std::vector<std::string> lines = {"GET / HTTP/1.1", "Host: a"};
  for (std::size_t i = 0; i < RequestHead::kMaxFields; ++i) lines.push_back("X: y");
  CHECK(parse(lines).error().code == Errc::Limit);
}

TEST_CASE("pages") {
  Request request{.method = "GET", .path = "/"};
  const Response page = respond(request, "a<b>.example");
  CHECK(page.status == 200);
  CHECK(page.body.find("a&lt;b&gt;.example") != std::string::npos);
  CHECK(page.body.find("<b>") == std::string::npos);
  request.path = "/../etc/passwd";
  CHECK(respond(request, "a").status == 404);
  request.method = "DELETE";
  CHECK(respond(request, "a").status == 405);
  request.hasBody = true;
  CHECK_FALSE(respond(request, "a").keepAlive);
  const std::string head = print(page, true, Wall{});
  CHECK(head.find("Thu, 01 Jan 1970 00:00:00 GMT") != std::string::npos);
  CHECK(head.substr(head.size() - 4) == "\r\n\r\n");
}
