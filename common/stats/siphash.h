// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace posthorn::stats {

/// SipHash-2-4 with a 128-bit key: a client that chooses user names cannot aim at one entry of a shared
/// table.
std::uint64_t sipHash(const std::array<std::uint64_t, 2>& key, std::string_view text);

}  // namespace posthorn::stats
