// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/parse/parameters.h"

#include <catch2/catch.hpp>

#include "tools/deliver/lmtp/parse/chunk.h"

using namespace posthorn;
using namespace posthorn::deliver::lmtp;

TEST_CASE("parameters are words, with or without a value") {
  const auto all = splitParameters(" SIZE=10  SMTPUTF8 BODY=8BITMIME");
  REQUIRE(all.ok());
  REQUIRE(all->size() == 3);
  CHECK(all->at(0).keyword == "SIZE");
  CHECK(all->at(0).value == "10");
  CHECK_FALSE(all->at(1).value);
  CHECK(splitParameters("")->empty());
  CHECK(splitParameters("  ")->empty());
}

TEST_CASE("what is no parameter is refused") {
  for (const View bad : {"SIZE=1", " SIZE=", " =1", " A=B=C", " A A", " a=1 A=2", " -A", " A_B", " \xc3\xbc"})
    CHECK_FALSE(splitParameters(bad).ok());
  std::string many;
  for (int i = 0; i < 17; ++i) many += " A" + std::to_string(i);
  CHECK_FALSE(splitParameters(many).ok());
}

TEST_CASE("a chunk is a size, and perhaps the last") {
  CHECK(parseChunk("0")->octets == 0);
  CHECK_FALSE(parseChunk("12")->last);
  CHECK(parseChunk("12 last")->last);
  CHECK(parseChunk("999999999999999999 LAST")->octets == 999'999'999'999'999'999ULL);
  for (const View bad :
       {"", "x", "-1", "+1", "1 x", "1 LAST x", "LAST", "1LAST", "9999999999999999999", "0x10"})
    CHECK_FALSE(parseChunk(bad).ok());
}
