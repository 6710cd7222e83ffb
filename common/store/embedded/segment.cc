// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/segment.h"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/store/embedded/files.h"
#include "common/store/engine/crc.h"

namespace posthorn::store::embedded {

static constexpr std::size_t kCheckWindow = std::size_t{256} * 1024;
static constexpr std::size_t kSector = 512;

Result<SegmentPtr> openSegment(int logDir, std::uint32_t number) {
  const std::string name = segmentName(number);
  auto fd = openAt(logDir, name, O_RDWR);
  if (!fd.ok() && (fd.error().code == Errc::Denied || errno == EROFS)) fd = openAt(logDir, name, O_RDONLY);
  if (!fd.ok()) return fd.error();
  PH_TRY(const Bytes raw, readSome(fd->get(), 0, kFirstRecord));
  const auto header = decodeSegmentHeader(raw);
  if (!header || header->number != number)
    return makeError(Errc::Corrupt, "log: segment " + name + " has no valid header");
  return SegmentPtr(std::make_shared<SegmentFile>(SegmentFile{std::move(*fd), *header}));
}

Result<SegmentPtr> createSegment(int logDir, const SegmentHeader& header) {
  const std::string name = segmentName(header.number);
  PH_TRY(UniqueFd fd, openAt(logDir, name, O_RDWR | O_CREAT | O_EXCL));
  auto written = writeAll(fd.get(), 0, encodeSegmentHeader(header));
  if (!written.ok()) {
    ::unlinkat(logDir, name.c_str(), 0);
    return written.error();
  }
  return SegmentPtr(std::make_shared<SegmentFile>(SegmentFile{std::move(fd), header}));
}

Result<std::optional<RecordHeader>> readRecordHeader(const SegmentFile& segment, std::uint64_t offset) {
  PH_TRY(const Bytes raw, readSome(segment.fd.get(), offset, kRecordHeaderSize));
  return decodeRecordHeader(segment.header, offset, raw);
}

Result<std::optional<Bytes>> readBody(const SegmentFile& segment, std::uint64_t offset,
                                      const RecordHeader& header) {
  PH_TRY(const std::uint64_t size, fileSize(segment.fd.get()));
  if (offset + kRecordHeaderSize + header.length > size) return std::optional<Bytes>();
  PH_TRY(Bytes body,
         readSome(segment.fd.get(), offset + kRecordHeaderSize, static_cast<std::size_t>(header.length)));
  if (body.size() != header.length || crc32Of(body) != header.bodyCrc) return std::optional<Bytes>();
  return std::optional<Bytes>(std::move(body));
}

// A sector that was never written reads as zeros, and mail has no sector of zeros. `at` is the window's
// offset in the file. The piece before the first sector boundary shares its sector with the header and is
// there when it is.
static bool hasEmptySector(View window, std::uint64_t at) {
  std::size_t start = (kSector - static_cast<std::size_t>(at % kSector)) % kSector;
  for (; start < window.size(); start += kSector)
    if (window.substr(start, kSector).find_first_not_of('\0') == View::npos) return true;
  return false;
}

Result<BodyState> checkBody(const SegmentFile& segment, std::uint64_t offset, const RecordHeader& header) {
  std::uint32_t crc = 0;
  bool empty = false;
  std::uint64_t at = offset + kRecordHeaderSize;
  const std::uint64_t end = at + header.length;
  while (at < end) {
    // Windows end at sector boundaries, so that no sector is split between two of them.
    const std::uint64_t stop = std::min(end, (at / kSector) * kSector + kCheckWindow);
    PH_TRY(const Bytes window, readSome(segment.fd.get(), at, static_cast<std::size_t>(stop - at)));
    if (window.size() != stop - at) return BodyState::Torn;
    crc = crc32Of(window, crc);
    empty = empty || hasEmptySector(window, at);
    at = stop;
  }
  if (crc == header.bodyCrc) return BodyState::Sound;
  return empty ? BodyState::Torn : BodyState::Damaged;
}

static std::size_t cacheCapacity() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
  return std::clamp<std::size_t>(static_cast<std::size_t>(limit.rlim_cur) / 8, 32, 1024);
}

SegmentCache::SegmentCache() : capacity_(cacheCapacity()) {}

SegmentCache& SegmentCache::instance() {
  // Never destroyed: a domain may be closed by a thread that outlives the statics.
  static auto* const cache = new SegmentCache;
  return *cache;
}

Result<SegmentPtr> SegmentCache::get(std::uint64_t domain, int logDir, std::uint32_t number) {
  const CacheKey key{domain, number};
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    const auto found = byKey_.find(key);
    if (found != byKey_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return found->second->segment;
    }
  }
  PH_TRY(SegmentPtr segment, openSegment(logDir, number));
  insert(key, segment);
  return segment;
}

void SegmentCache::put(std::uint64_t domain, SegmentPtr segment) {
  const CacheKey key{domain, segment->header.number};
  insert(key, std::move(segment));
}

void SegmentCache::insert(const CacheKey& key, SegmentPtr segment) {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto found = byKey_.find(key);
  if (found != byKey_.end()) {
    found->second->segment = std::move(segment);
    recent_.splice(recent_.begin(), recent_, found->second);
    return;
  }
  recent_.push_front(Entry{key, std::move(segment)});
  byKey_.emplace(key, recent_.begin());
  while (recent_.size() > capacity_) {
    byKey_.erase(recent_.back().key);
    recent_.pop_back();
  }
}

void SegmentCache::forget(std::uint64_t domain, std::uint32_t number) {
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto found = byKey_.find(CacheKey{domain, number});
  if (found == byKey_.end()) return;
  recent_.erase(found->second);
  byKey_.erase(found);
}

void SegmentCache::forgetAll(std::uint64_t domain) {
  const std::lock_guard<std::mutex> guard(mutex_);
  auto at = byKey_.lower_bound(CacheKey{domain, 0});
  while (at != byKey_.end() && at->first.first == domain) {
    recent_.erase(at->second);
    at = byKey_.erase(at);
  }
}

}  // namespace posthorn::store::embedded
