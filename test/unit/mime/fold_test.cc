// SPDX-License-Identifier: Apache-2.0
#include "common/mime/fold.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mime;

TEST_CASE("what i;unicode-casemap holds equal") {
  CHECK(fold("Stra\xC3\x9F"
             "e") == fold("STRA\xC3\x9F"
                          "E"));
  CHECK(fold("\xC3\xBC") == fold("\xC3\x9C"));
  CHECK(fold("\xC3\xBC") == fold("u\xCC\x88"));
  CHECK(fold("\xEF\xBC\xA1") == "A");
  CHECK(fold("\xEF\xAC\x81") == fold("\xEF\xAC\x81"));
  CHECK(fold("\xCE\xA3") == fold("\xCF\x83"));
  CHECK(fold("abc") == "ABC");
  CHECK(fold("a") != fold("b"));
}

TEST_CASE("octets that are no UTF-8 stay") {
  CHECK(fold("a\xFF\xC3z") == "A\xFF\xC3Z");
}

TEST_CASE("each character is folded by itself") {
  const Bytes text = "x\xC3\xBC\xEA\xB0\x81\xE1\xBA\x9B\xCC\xA3\xF0\x90\x90\xA8y";
  Bytes pieces;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
    foldInto(View(text).substr(at, next - at), pieces);
    at = next;
  }
  CHECK(pieces == fold(text));
}

TEST_CASE("i;ascii-casemap") {
  CHECK(foldAscii("a\xC3\xBCZ") == "A\xC3\xBCZ");
}
