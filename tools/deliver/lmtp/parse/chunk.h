// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::deliver::lmtp {

/// The arguments of BDAT (RFC 3030 §2).
struct Chunk {
  std::uint64_t octets = 0;
  bool last = false;
};

/// Invalid for anything but "size" and "size LAST". Pure.
Result<Chunk> parseChunk(View arguments);

}  // namespace posthorn::deliver::lmtp
