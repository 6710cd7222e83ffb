// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/parse/dot_reader.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using deliver::lmtp::DotReader;

namespace {

struct Read {
  std::string text;
  std::size_t octets = 0;
  bool ended = false;
};

/// Feeds `wire` in pieces of `piece` octets.
Read readBy(View wire, std::size_t piece) {
  Read read;
  DotReader reader;
  while (read.octets < wire.size() && !read.ended) {
    const auto taken = reader.feed(wire.substr(read.octets, piece), read.text);
    read.octets += taken.octets;
    read.ended = taken.ended;
  }
  return read;
}

/// The same for every cut in two, too.
void check(View wire, View text, std::size_t octets, bool ended) {
  CAPTURE(wire);
  for (std::size_t piece = 1; piece <= wire.size(); ++piece) {
    const Read read = readBy(wire, piece);
    CHECK(read.text == text);
    CHECK(read.octets == octets);
    CHECK(read.ended == ended);
  }
}

void ends(View wire, View text) {
  check(wire, text, wire.size(), true);
  // What follows the end stays.
  const std::string more = std::string(wire) + "QUIT\r\n";
  check(more, text, wire.size(), true);
}

void goesOn(View wire, View text) {
  check(wire, text, wire.size(), false);
}

}  // namespace

TEST_CASE("a text ends at a dot alone on its line") {
  ends(".\r\n", "");
  ends("a\r\n.\r\n", "a\r\n");
  ends("\r\n.\r\n", "\r\n");
  ends("a\r\n\r\n\r\n.\r\n", "a\r\n\r\n\r\n");
}

TEST_CASE("one dot is taken from a line that begins with one") {
  ends("..\r\n.\r\n", ".\r\n");
  ends("...\r\n.\r\n", "..\r\n");
  ends(".a\r\n.\r\n", "a\r\n");
  ends("a.\r\n..b.\r\n.\r\n", "a.\r\n.b.\r\n");
}

TEST_CASE("nothing but CRLF ends a line of a text") {
  goesOn("a\n.\n", "a\n.\n");
  goesOn("a\n.\r\n", "a\n.\r\n");
  goesOn("a\r\n.\n", "a\r\n\n");
  goesOn("a\r.\r", "a\r.\r");
  goesOn("a\r.\r\n", "a\r.\r\n");
  goesOn("a\r\n.\rb\r\n", "a\r\n\rb\r\n");
  goesOn("a\n\r.\n\r", "a\n\r.\n\r");
  ends("a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n");
  ends("a\r\r\n.\r\n", "a\r\r\n");
}

TEST_CASE("NUL and octets beyond ASCII pass") {
  using std::string_literals::operator""s;
  ends("\0.\0\r\n.\xff\r\n.\r\n"s, "\0.\0\r\n\xff\r\n"s);
  goesOn(".\0\r\n"s, "\0\r\n"s);
}
