// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/store/embedded/format.h"

namespace posthorn::store::embedded {

/// An open segment. Who holds the pointer can go on reading it after it was unlinked. Any thread.
struct SegmentFile {
  UniqueFd fd;  ///< read and write, except for readers of a read-only file system
  SegmentHeader header;
};
using SegmentPtr = std::shared_ptr<const SegmentFile>;

/// NotFound when there is no such file, Corrupt when it has no valid header or another number.
Result<SegmentPtr> openSegment(int logDir, std::uint32_t number);

/// Makes the file, never over another one (Exists), and writes its header. Not flushed, and its name neither.
/// On an error nothing stays.
Result<SegmentPtr> createSegment(int logDir, const SegmentHeader& header);

/// Nothing when no valid record header stands at `offset`. Io when the disk refuses.
Result<std::optional<RecordHeader>> readRecordHeader(const SegmentFile& segment, std::uint64_t offset);

/// The body after its check; nothing when it fails.
Result<std::optional<Bytes>> readBody(const SegmentFile& segment, std::uint64_t offset,
                                      const RecordHeader& header);

enum class BodyState {
  Sound,
  Torn,     ///< fails its check and misses whole sectors: a write that a power cut has interrupted
  Damaged,  ///< fails its check otherwise
};
/// Checks a body of any length in bounded memory.
Result<BodyState> checkBody(const SegmentFile& segment, std::uint64_t offset, const RecordHeader& header);

/// The open segments of all accounts of the process, least recently used closed first. Any thread.
class SegmentCache {
 public:
  static SegmentCache& instance();
  /// `domain` names the account (DomainId); its log directory is open as `logDir`.
  Result<SegmentPtr> get(std::uint64_t domain, int logDir, std::uint32_t number);
  void put(std::uint64_t domain, SegmentPtr segment);
  void forget(std::uint64_t domain, std::uint32_t number);
  void forgetAll(std::uint64_t domain);

 private:
  using CacheKey = std::pair<std::uint64_t, std::uint32_t>;
  struct Entry {
    CacheKey key;
    SegmentPtr segment;
  };
  SegmentCache();
  void insert(const CacheKey& key, SegmentPtr segment);

  const std::size_t capacity_;
  std::mutex mutex_;
  std::list<Entry> recent_;  // under mutex_, the latest first
  std::map<CacheKey, std::list<Entry>::iterator> byKey_;
};

}  // namespace posthorn::store::embedded
