// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/content.h"

#include <cstdlib>
#include <filesystem>

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::deliver;
using lmtp::Content;
using lmtp::TraceScan;

namespace {

struct Folder {
  Folder() {
    const char* base = std::getenv("TMPDIR");
    std::string name = std::string(base != nullptr ? base : "/tmp") + "/content-XXXXXX";
    path = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path;
};

std::string all(const Content& content) {
  std::string text;
  CHECK(content
            .read([&text](View part) -> Status {
              text.append(part);
              return {};
            })
            .ok());
  return text;
}

/// As the session does it.
void feed(Content& content, View text, std::size_t piece) {
  for (std::size_t at = 0; at < text.size(); at += piece) {
    content.feed(text.substr(at, piece));
    if (content.full()) REQUIRE(content.keep().ok());
  }
}

}  // namespace

TEST_CASE("a small text stays in memory") {
  Content content({"/nonexistent"}, 1000);
  feed(content, "Subject: x\r\n\r\ntext", 3);
  CHECK_FALSE(content.full());
  content.end();
  CHECK(all(content) == "Subject: x\r\n\r\ntext");
}

TEST_CASE("a large text goes to a file without a name, and comes back whole") {
  const Folder folder;
  std::string text = "Subject: x\r\n\r\n";
  for (int i = 0; i < 40'000; ++i) text += "line " + std::to_string(i) + "\r\n";
  for (const std::size_t piece : {std::size_t{1021}, std::size_t{65'536}, text.size()}) {
    Content content({"/nonexistent", folder.path}, text.size());
    feed(content, text, piece);
    content.end();
    CHECK(content.size() == text.size());
    CHECK(all(content) == text);
    CHECK(all(content) == text);
    CHECK(std::filesystem::is_empty(folder.path));
  }
}

TEST_CASE("a text without a place is an error, told once") {
  Content content({"/nonexistent"}, 1'000'000);
  content.feed(std::string(70'000, 'x') + "\r\n\r\n" + std::string(70'000, 'x'));
  REQUIRE(content.full());
  CHECK_FALSE(content.keep().ok());
  content.fail(Cause::NoSpace, "no space");
  content.fail(Cause::TooBig, "later");
  CHECK(content.failure()->cause == Cause::NoSpace);
  CHECK_FALSE(content.full());
}

TEST_CASE("a text beyond the limit is dropped as it comes") {
  Content content({"/tmp"}, 100);
  content.feed(std::string(100, 'x'));
  CHECK_FALSE(content.failure());
  content.feed("y");
  REQUIRE(content.failure());
  CHECK(content.failure()->cause == Cause::TooBig);
  for (int i = 0; i < 100; ++i) content.feed(std::string(100'000, 'x'));
  CHECK_FALSE(content.full());
}

TEST_CASE("an old Return-Path and an mbox line are taken out") {
  Content content({}, 1000);
  feed(content,
       "From anna Sat\r\nReturn-Path:\r\n <old@example.org>\r\nSubject: x\r\n\r\nReturn-Path: <stays>\r\n",
       5);
  content.end();
  CHECK(all(content) == "Subject: x\r\n\r\nReturn-Path: <stays>\r\n");
}

TEST_CASE("trace fields are counted and found, however the text is cut") {
  const std::string text =
      "Received: a\r\n\tReceived: folded\r\nreceived: b\nX-Received: no\r\nDelivered-To: Anna@Example.ORG "
      "\r\n"
      "Delivered-To:bert@example.org\r\n\r\nReceived: body\r\nDelivered-To: body@example.org\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    TraceScan scan;
    for (std::size_t at = 0; at < text.size(); at += piece) scan.feed(View(text).substr(at, piece));
    CHECK(scan.hops() == 2);
    CHECK(scan.deliveredTo("anna@example.org"));
    CHECK(scan.deliveredTo("BERT@example.org"));
    CHECK_FALSE(scan.deliveredTo("body@example.org"));
    CHECK_FALSE(scan.deliveredTo("nna@example.org"));
  }
}

TEST_CASE("long lines cost no memory") {
  TraceScan scan;
  for (int i = 0; i < 1000; ++i) scan.feed(std::string(10'000, 'x'));
  scan.feed("\r\nReceived: a\r\n");
  CHECK(scan.hops() == 1);
}
