// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>

#include <catch2/catch.hpp>

#include "common/proc/tls_material.h"
#include "master/plan.h"

using namespace posthorn;
using namespace posthorn::master;
using namespace std::chrono_literals;

namespace {

bool has(const TicketKeys& keys, const std::string& key) {
  const auto all = keys.keys();
  return std::find(all.begin(), all.end(), key) != all.end();
}

}  // namespace

TEST_CASE("a rotation brings a new key and keeps the old one for a ticket's life") {
  TicketKeys keys;
  const std::string first = keys.keys().front();
  CHECK(first.size() == proc::TlsMaterial::kTicketKeyBytes);
  const Steady start{100h};
  keys.rotate(start);
  CHECK(keys.keys().front() != first);
  CHECK(has(keys, first));
  const std::string second = keys.keys().front();
  // A ticket may have been made with the first key just before `start`.
  keys.rotate(start + TicketKeys::kTicketLife);
  CHECK(has(keys, first));
  keys.rotate(start + TicketKeys::kTicketLife + 1s);
  CHECK_FALSE(has(keys, first));
  CHECK(has(keys, second));
}

TEST_CASE("many rotations in a short time lose no key that is needed") {
  TicketKeys keys;
  const std::string first = keys.keys().front();
  Steady now{100h};
  for (int i = 0; i < 50; ++i) keys.rotate(now += 1min);
  CHECK(has(keys, first));
  CHECK(keys.keys().size() == TicketKeys::kMost);
  const std::string newest = keys.keys().front();
  keys.rotate(now += TicketKeys::kTicketLife);
  CHECK_FALSE(has(keys, first));
  CHECK(keys.keys().front() != newest);
  CHECK(has(keys, newest));
}

TEST_CASE("a copy goes its own way") {
  TicketKeys keys;
  const auto before = keys.keys();
  TicketKeys copy = keys;
  copy.rotate(Steady{1h});
  CHECK(keys.keys() == before);
}
