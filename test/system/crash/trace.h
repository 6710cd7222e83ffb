// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace posthorn::crash {

enum class TraceOp : std::uint64_t { Create = 1, Mkdir, Write, Truncate, Rename, Unlink, Flush, Ack };

/// One call in the trace; `name` and `data` follow it. A Rename has its new name as data, a Write with flags
/// 1 was flushed by itself (O_DSYNC).
struct TraceHeader {
  TraceOp op{};
  std::uint64_t inode = 0;
  std::uint64_t parent = 0;
  std::uint64_t offset = 0;
  std::uint64_t flags = 0;
  std::uint64_t dataSize = 0;
  std::uint32_t nameSize = 0;
  std::uint32_t unused = 0;
};

}  // namespace posthorn::crash
