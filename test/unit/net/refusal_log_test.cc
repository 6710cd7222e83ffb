// SPDX-License-Identifier: Apache-2.0
#include "common/net/refusal_log.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::net;

namespace {

Address at(std::string_view text) {
  const auto address = Address::parse(text);
  REQUIRE(address);
  return *address;
}

}  // namespace

TEST_CASE("an address that dials without end gets one line a minute, and the others their own") {
  ManualClock clock;
  RefusalLog refusals(clock);
  CHECK(refusals.note(at("192.0.2.1")) == std::optional<std::size_t>(0));
  for (int i = 0; i < 5000; ++i) CHECK_FALSE(refusals.note(at("192.0.2.1")));
  CHECK(refusals.note(at("192.0.2.2")) == std::optional<std::size_t>(0));
  clock.advance(std::chrono::seconds{61});
  CHECK(refusals.note(at("192.0.2.1")) == std::optional<std::size_t>(5000));
  CHECK_FALSE(refusals.note(at("192.0.2.1")));
}

TEST_CASE("one IPv6 network is one address") {
  ManualClock clock;
  RefusalLog refusals(clock);
  CHECK(refusals.note(at("2001:db8::1")));
  CHECK_FALSE(refusals.note(at("2001:db8::ffff:2")));
  CHECK(refusals.note(at("2001:db8:0:1::1")));
}

TEST_CASE("very many addresses are counted, not kept") {
  ManualClock clock;
  RefusalLog refusals(clock);
  const auto address = [](std::size_t i) {
    const std::uint8_t raw[4] = {10, static_cast<std::uint8_t>(i >> 16), static_cast<std::uint8_t>(i >> 8),
                                 static_cast<std::uint8_t>(i)};
    return Address::fromV4(raw);
  };
  std::size_t told = 0;
  for (std::size_t i = 0; i < 5000; ++i) told += refusals.note(address(i)) ? 1U : 0U;
  CHECK(told == RefusalLog::kMaxAddresses);
  clock.advance(std::chrono::seconds{61});
  CHECK(refusals.note(address(9000)) == std::optional<std::size_t>(5000 - told));
}
