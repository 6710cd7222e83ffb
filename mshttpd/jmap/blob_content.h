// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "mshttpd/jmap/method.h"

// Octets of blobs for RFC 9404, which puts them into JSON: bounded, unlike downloads.

namespace posthorn::mshttpd::jmap {

/// What of a blob is wanted.
struct BlobRange {
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;  ///< nothing: up to the end
};

struct BlobPiece {
  Bytes octets;
  std::uint64_t size = 0;  ///< of the whole blob
  std::string type;
  bool truncated = false;  ///< the range lies beyond the blob, or partly so
};

/// NotFound; TooBig when the range holds more than `most`, or cannot be reached without reading more than
/// kMostSkipped before it.
Result<BlobPiece> readBlob(Call& call, const Call::Account& account, const std::string& id,
                           const BlobRange& range, std::uint64_t most);
inline constexpr std::uint64_t kMostSkipped = 256UL * 1024 * 1024;

}  // namespace posthorn::mshttpd::jmap
