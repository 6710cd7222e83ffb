// SPDX-License-Identifier: Apache-2.0
#include "imapd/capabilities.h"

#include <algorithm>
#include <set>

#include <catch2/catch.hpp>

#include "common/config/registry.h"
#include "common/config/snapshot.h"

using namespace posthorn;
using namespace posthorn::imapd;

TEST_CASE("each switch hides its atoms and no others") {
  for (const auto& atom : capabilityTable()) {
    INFO(atom.text << " by " << atom.option);
    const auto loaded = config::parse(std::string(atom.option) + ": no\n", "test.yaml");
    INFO(loaded.report());
    REQUIRE(loaded.snapshot);
    for (const auto& other : capabilityTable())
      CHECK(other.shown(*loaded.snapshot) == (other.option != atom.option));
  }
  const auto all = config::parse("", "test.yaml");
  REQUIRE(all.snapshot);
  for (const auto& atom : capabilityTable()) CHECK(atom.shown(*all.snapshot));
}

TEST_CASE("a switch acts in this release when and only when its atom is built") {
  constexpr std::string_view kPrefix = "imap.capability.";
  // Announced by the state of the connection, not by the table.
  std::set<std::string_view> built{"imap.capability.starttls", "imap.capability.unauthenticate"};
  std::set<std::string_view> texts;
  for (const auto& atom : capabilityTable()) {
    built.insert(atom.option);
    CHECK(texts.insert(atom.text).second);
  }
  std::size_t switches = 0;
  for (const auto& row : config::kOptions) {
    if (!row.name.starts_with(kPrefix)) continue;
    ++switches;
    INFO(row.name);
    CHECK(row.actsLater.empty() == (built.erase(row.name) == 1));
  }
  CHECK(switches > 0);
  for (const auto& left : built) FAIL_CHECK("no option " << left);
}
