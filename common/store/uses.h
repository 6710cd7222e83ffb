// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/locked.h"

namespace posthorn::store {

/// The accounts that this process has opened or written to since the last upkeep. Any thread.
class Uses {
 public:
  using Account = std::pair<std::string, std::string>;  ///< partition and id

  void note(View partition, View id) {
    all_.with([&](auto& all) {
      if (all.size() < kMost) all.emplace(std::string(partition), std::string(id));
    });
  }
  std::set<Account> take() {
    return all_.with([](auto& all) { return std::exchange(all, {}); });
  }

 private:
  // More accounts than this between two runs wait for their next use.
  static constexpr std::size_t kMost = 4096;
  Locked<std::set<Account>> all_;
};

}  // namespace posthorn::store
