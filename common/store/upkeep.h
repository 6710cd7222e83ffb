// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace posthorn::store {

/// How often workers call Store::upkeep(), and how long it may take.
inline constexpr std::chrono::seconds kUpkeepEvery{60};
inline constexpr std::chrono::seconds kUpkeepMost{5};

}  // namespace posthorn::store
