// SPDX-License-Identifier: Apache-2.0
#pragma once

// The body of a Batch record: what one commit did, complete enough to repeat it on the rows before it.

#include <cstdint>
#include <functional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/store/embedded/format.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::embedded {

enum class OpType : std::uint8_t {
  Put = 1,
  Erase = 2,
  EraseRange = 3,
  Attach = 4,      ///< blob: its record is live from here on
  Release = 5,     ///< blob: its record is dead
  AddSegment = 6,  ///< segment, kind, size: a Pack or Snapshot belongs to the account
  Move = 7,  ///< blob now lies at `to`; readers with the old reference find it by the row that this makes
  DropSegment = 8,  ///< segment: nothing refers to it, its file goes
  SetBase = 9,      ///< segment (a Snapshot), lsn: replay starts there
  Seal = 10,        ///< the Main segment takes no group after this one
};

struct Place {
  std::uint32_t segment = 0;
  std::uint64_t offset = 0;
  bool operator==(const Place&) const = default;
};

struct Op {
  OpType type = OpType::Put;
  View key;    ///< EraseRange: from
  View value;  ///< EraseRange: to
  BlobRef blob;
  Place to;
  std::uint32_t segment = 0;
  SegmentKind kind = SegmentKind::Main;
  std::uint64_t number = 0;  ///< AddSegment: size. SetBase: lsn
};

/// The first bytes of the body.
struct BatchHeader {
  std::uint32_t ops = 0;
  std::uint64_t previousNonce = 0;
  std::uint64_t version = 0;  ///< of the domain after this batch
};
inline constexpr std::size_t kBatchHeaderSize = 24;

Bytes encodeBatchHeader(const BatchHeader& header);
/// Nothing when the body is too short or of another format version.
std::optional<BatchHeader> decodeBatchHeader(View body);

void appendOp(Bytes& out, const Op& op);

/// Calls `row` for each op after the header; its views point into `body`. Corrupt when the body does not
/// parse to its end or holds another number of ops than `header` says.
Status readOps(View body, const BatchHeader& header, const std::function<Status(const Op&)>& row);

}  // namespace posthorn::store::embedded
