// SPDX-License-Identifier: Apache-2.0
#include "common/mime/search_text.h"

#include <catch2/catch.hpp>

#include "common/base/utf8.h"
#include "common/mime/limits.h"
#include "test/unit/mime/messages.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

class Gatherer : public TextSink {
 public:
  explicit Gatherer(std::size_t room = 1'000'000'000) : room_(room) {}
  void onText(Origin origin, View utf8) override {
    CHECK(utf8.size() <= kTextWindow);
    text[static_cast<std::size_t>(origin)].append(utf8);
  }
  [[nodiscard]] bool full() const override { return text[2].size() >= room_; }
  Bytes text[3];

 private:
  std::size_t room_;
};

void read(View message, Gatherer& into, std::size_t window = 1'000'000'000) {
  SearchText search(into);
  MessageParser parser(&search);
  for (std::size_t at = 0; at < message.size(); at += window) parser.feed(message.substr(at, window));
  static_cast<void>(parser.finish());
}

}  // namespace

TEST_CASE("headers and text bodies, decoded") {
  Gatherer got;
  read(crlf("Subject: =?utf-8?q?=C3=BC?=\nX-Any: y\n" +
            multipart("--b\nContent-Type: text/plain; charset=iso-8859-1\n"
                      "Content-Transfer-Encoding: quoted-printable\n\na=FC=\nb\n--b\nContent-Type: "
                      "text/html; charset=utf-8\n"
                      "Content-Transfer-Encoding: "
                      "base64\n\nPGI+Jnh5ejsmYW1wOzwvYj48YSBocmVmPSJodHRwOi8veCI+eTwvYT4=\n--b\nContent-Type:"
                      " image/png\n\nno text\n--b--\n")),
       got);
  CHECK(got.text[0].find("Subject: \xC3\xBC\nX-Any: y\n") == 0);
  CHECK(got.text[1].find("Content-Type: text/html; charset=utf-8\n") != Bytes::npos);
  CHECK(got.text[2].find("a\xC3\xBC"
                         "b\n") == 0);
  CHECK(got.text[2].find("&xyz;") == Bytes::npos);
  CHECK(got.text[2].find("&") != Bytes::npos);
  CHECK(got.text[2].find("http://x") != Bytes::npos);
  CHECK(got.text[2].find("<b>") == Bytes::npos);
  CHECK(got.text[2].find("no text") == Bytes::npos);
}

TEST_CASE("messages inside are searched, too") {
  Gatherer got;
  read(crlf("Content-Type: message/rfc822\n\nSubject: deep\n\ninner text\n"), got);
  CHECK(got.text[1] == "Subject: deep\n");
  CHECK(got.text[2] == "inner text\r\n\n");
}

TEST_CASE("text for search does not depend on the cut") {
  for (const Bytes& message : hardMessages()) {
    Gatherer whole;
    read(message, whole);
    for (const std::size_t window : {1, 3, 64}) {
      Gatherer cut;
      read(message, cut, window);
      for (const std::size_t i : {0, 1, 2}) CHECK(cut.text[i] == whole.text[i]);
    }
  }
}

TEST_CASE("long text comes in windows of whole characters, and stops when no more is wanted") {
  Bytes message = "Content-Type: text/plain; charset=utf-8\r\n\r\n";
  for (int i = 0; i < 100'000; ++i) message.append("\xE2\x82\xAC");
  class Checker : public Gatherer {
   public:
    using Gatherer::Gatherer;
    void onText(Origin origin, View utf8) override {
      CHECK(utf8::valid(utf8));
      Gatherer::onText(origin, utf8);
    }
  };
  Checker all;
  read(message, all);
  CHECK(all.text[2].size() == 300'001);
  Checker some(20'000);
  read(message, some, 4096);
  CHECK(some.text[2].size() < 60'000);
}
