// SPDX-License-Identifier: Apache-2.0
#include "popd/parse/command_line.h"

#include <string>

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::popd;

TEST_CASE("a line is split at its first blank") {
  const auto line = splitLine("USER anna maria");
  REQUIRE(line.ok());
  CHECK(line->keyword == "USER");
  CHECK(line->arguments == "anna maria");
  const auto bare = splitLine("STAT");
  REQUIRE(bare.ok());
  CHECK(bare->keyword == "STAT");
  CHECK(bare->arguments.empty());
}

TEST_CASE("a password keeps its blanks") {
  const auto line = splitLine("PASS  two  blanks ");
  REQUIRE(line.ok());
  CHECK(Arguments(line->arguments).verbatim() == " two  blanks ");
}

TEST_CASE("lines that are no commands are refused") {
  CHECK_FALSE(splitLine("").ok());
  CHECK_FALSE(splitLine(" STAT").ok());
  CHECK_FALSE(splitLine(View("ST\0AT", 5)).ok());
  CHECK_FALSE(splitLine("STAT\r").ok());
  CHECK_FALSE(splitLine("RETR\t1").ok());
  CHECK(splitLine("RETR 1").ok());
  CHECK(splitLine("USER \xC3\xA4").ok());
}

TEST_CASE("message numbers are decimal and start at one") {
  const auto number = [](const char* text) { return Arguments(text).messageNumber(); };
  CHECK(number("1").value() == 1);
  CHECK(number(" 007 ").value() == 7);
  CHECK(number("4294967295").value() == 4294967295U);
  CHECK(number("99999999999999999999999").value() == 4294967295U);
  for (const char* bad : {"", " ", "0", "-1", "+1", "1x", "x", "1.0", "0x1"}) {
    INFO(bad);
    CHECK_FALSE(number(bad).ok());
    CHECK(number(bad).error().code == Errc::Invalid);
  }
}

TEST_CASE("arguments are read in order and must end") {
  Arguments top("3 0 ");
  CHECK(top.messageNumber().value() == 3);
  CHECK(top.count().value() == 0);
  CHECK(top.end().ok());
  Arguments more("3 0 x");
  CHECK(more.messageNumber().ok());
  CHECK(more.count().ok());
  CHECK_FALSE(more.end().ok());
  Arguments none("  ");
  CHECK_FALSE(none.optionalMessageNumber().value().has_value());
  CHECK(none.end().ok());
  CHECK_FALSE(Arguments("").word().ok());
}
