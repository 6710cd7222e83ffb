// SPDX-License-Identifier: Apache-2.0
#include "common/base/utf8.h"

#include <catch2/catch.hpp>

using namespace posthorn;

TEST_CASE("characters are taken and appended") {
  for (const std::uint32_t point : {0x0U, 0x41U, 0x7FU, 0x80U, 0x7FFU, 0x800U, 0xD7FFU, 0xE000U, 0xFFFFU,
                                    0x10000U, 0x1F680U, 0x10FFFFU}) {
    std::string text;
    utf8::append(text, point);
    CHECK(utf8::valid(text));
    CHECK(utf8::characterLength(text) == text.size());
    std::string_view rest = text;
    CHECK(utf8::take(rest) == point);
    CHECK(rest.empty());
  }
}

TEST_CASE("an octet that begins no character is U+FFFD") {
  std::string_view rest = "\xC3\xE4z";
  CHECK(utf8::take(rest) == 0xFFFD);
  CHECK(utf8::take(rest) == 0xFFFD);
  CHECK(utf8::take(rest) == 'z');
}
