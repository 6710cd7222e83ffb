// SPDX-License-Identifier: Apache-2.0

// Bytes of a segment: headers and batches that a disk may hand back never lead beyond the bytes that are
// there.

#include "common/store/embedded/format.h"
#include "common/store/embedded/ops.h"
#include "test/fuzz/require.h"

using namespace posthorn;
using namespace posthorn::store;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const View bytes = fuzz::text(data, size);
  if (const auto segment = embedded::decodeSegmentHeader(bytes)) {
    fuzz::require(embedded::decodeSegmentHeader(embedded::encodeSegmentHeader(*segment)).has_value(),
                  "a header survives being written");
    if (size > embedded::kFirstRecord) {
      static_cast<void>(embedded::decodeRecordHeader(*segment, embedded::kFirstRecord,
                                                     bytes.substr(embedded::kFirstRecord)));
    }
  }
  if (const auto batch = embedded::decodeBatchHeader(bytes)) {
    static_cast<void>(embedded::readOps(bytes, *batch, [&](const embedded::Op& op) -> Status {
      fuzz::require(op.key.size() <= size && op.value.size() <= size, "parts lie inside of the batch");
      return {};
    }));
  }
  return 0;
}
