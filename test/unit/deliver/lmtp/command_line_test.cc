// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/parse/command_line.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::deliver::lmtp;

TEST_CASE("a line is a verb and what stands behind it") {
  const auto split = splitLine("MAIL  FROM:<a@b> SIZE=1 ");
  REQUIRE(split.ok());
  CHECK(split->verb == "MAIL");
  CHECK(split->arguments == "FROM:<a@b> SIZE=1");
  CHECK(splitLine("quit")->verb == "quit");
  CHECK(splitLine("quit ")->arguments.empty());
}

TEST_CASE("what is no line is refused") {
  using std::string_literals::operator""s;
  for (const std::string& bad : {""s, " NOOP"s, "NOOP\n"s, "NO\rOP"s, "NOOP\0"s, "NOOP\tx"s, "NOOP \x7f"s})
    CHECK_FALSE(splitLine(bad).ok());
}
