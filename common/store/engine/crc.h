// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/bytes.h"

namespace posthorn::store {

/// zlib's CRC-32 of `bytes`, continuing from `seed`.
std::uint32_t crc32Of(View bytes, std::uint32_t seed = 0);

}  // namespace posthorn::store
