// SPDX-License-Identifier: Apache-2.0
#include <cerrno>

#include <catch2/catch.hpp>

#include "common/base/ascii.h"
#include "common/base/base64.h"
#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/base/result.h"

using namespace posthorn;

namespace {
Result<int> half(int n) {
  if (n % 2 != 0) return makeError(Errc::Invalid, "odd");
  return n / 2;
}
Result<int> quarter(int n) {
  PH_TRY(const int once, half(n));
  PH_TRY(const int twice, half(once));
  return twice;
}
}  // namespace

TEST_CASE("PH_TRY hands on the first error") {
  CHECK(quarter(12).value() == 3);
  CHECK(quarter(6).error().describe() == "odd (invalid)");
}

TEST_CASE("errno becomes a closed code and keeps its text") {
  const Error full = errnoError(ENOSPC, "write x");
  CHECK(full.code == Errc::NoSpace);
  CHECK(full.text == "write x: No space left on device");
  CHECK(errnoError(ENOENT, "open").code == Errc::NotFound);
}

TEST_CASE("base64 is strict both ways") {
  for (const std::string text : {"", "f", "fo", "foo", "foob"})
    CHECK(base64::decode(base64::encode(text)) == text);
  CHECK(base64::encode("foob") == "Zm9vYg==");
  for (const char* bad : {"Zg", "Zg=", "Z===", "Zm9v!", "Zh==", "Zm=v", "===="}) {
    INFO(bad);
    CHECK_FALSE(base64::decode(bad));
  }
  const std::string nul("\0anna\0pw", 8);
  CHECK(base64::decode(base64::encode(nul)) == nul);
}

TEST_CASE("numbers are whole and bounded") {
  CHECK(ascii::number("18446744073709551615") == 18446744073709551615ULL);
  for (const char* bad : {"", "-1", "+1", "1x", " 1", "18446744073709551616"})
    CHECK_FALSE(ascii::number(bad));
}

TEST_CASE("ASCII helpers ignore the locale") {
  CHECK(ascii::equal("InBoX", "inbox"));
  CHECK_FALSE(ascii::equal("\xC4", "\xE4"));
  CHECK(ascii::words("  a  b ") == std::vector<std::string_view>{"a", "b"});
  CHECK(ascii::split("a::b", ':') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(ascii::trim(" \t x \r\n") == "x");
  CHECK(ascii::printable("a\r\n\xff") == "a\\x0d\\x0a\\xff");
}

TEST_CASE("keys sort as numbers") {
  Bytes a, b;
  putBe<std::uint32_t>(a, 255);
  putBe<std::uint32_t>(b, 256);
  CHECK(a < b);
  CHECK(getBe<std::uint32_t>(b, 0) == 256);
  Bytes le;
  putLe<std::uint16_t>(le, 0x1234);
  CHECK(getLe<std::uint16_t>(le, 0) == 0x1234);
  CHECK(getLe<std::uint32_t>(le, 0) == 0);
}

TEST_CASE("ids") {
  const Id128 id = Id128::random();
  CHECK(Id128::fromHex(id.hex()) == id);
  CHECK_FALSE(Id128::fromHex("xyz"));
  CHECK(id != Id128::random());
  CHECK(stableHash("anna") == stableHash("anna"));
  CHECK(constantTimeEqual("a", "a"));
  CHECK_FALSE(constantTimeEqual("a", "ab"));
}
