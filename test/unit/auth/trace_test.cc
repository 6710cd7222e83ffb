// SPDX-License-Identifier: Apache-2.0
#include "common/auth/trace.h"

#include <set>
#include <string_view>

#include <catch2/catch.hpp>

namespace posthorn::auth {
namespace {

TEST_CASE("every step has a name of its own") {
  std::set<std::string_view> names;
  for (int step = 0; step <= static_cast<int>(Step::Account); ++step) {
    const std::string_view name = toString(static_cast<Step>(step));
    CHECK(name != "?");
    names.insert(name);
  }
  CHECK(names.size() == static_cast<std::size_t>(Step::Account) + 1);
}

}  // namespace
}  // namespace posthorn::auth
