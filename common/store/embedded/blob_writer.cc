// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/blob_writer.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/store/embedded/files.h"
#include "common/store/embedded/ledger.h"
#include "common/store/engine/crc.h"

namespace posthorn::store::embedded {

static constexpr std::uint32_t kNumberTries = 100'000;

StagedSegment::StagedSegment(StagedSegment&& other) noexcept
    : segment(std::move(other.segment)), logDir_(other.logDir_), kept_(std::exchange(other.kept_, true)) {}

StagedSegment::~StagedSegment() {
  if (!kept_) ::unlinkat(logDir_, segmentName(segment->header.number).c_str(), 0);
}

void StagedSegment::keep() {
  kept_ = true;
  ::flock(segment->fd.get(), LOCK_UN);
}

// maintain() may have locked the file, or even have unlinked it, between its creation and our lock.
static Result<bool> claim(const SegmentFile& segment) {
  PH_TRY(const bool locked, tryLock(segment.fd.get(), LockMode::Exclusive));
  struct stat info {};
  if (::fstat(segment.fd.get(), &info) != 0) return errnoError("stat segment");
  return locked && info.st_nlink > 0;
}

Result<StagedSegment> StagedSegment::create(int logDir, SegmentHeader header, const NextSegment& next) {
  PH_TRY(header.number, next());
  for (std::uint32_t i = 0; i < kNumberTries; ++i, ++header.number) {
    header.salt = randomNonce();
    auto made = createSegment(logDir, header);
    if (!made.ok() && made.error().code == Errc::Exists) continue;
    if (!made.ok()) return made.error();
    PH_TRY(const bool claimed, claim(**made));
    if (!claimed) continue;
    StagedSegment staged(logDir, std::move(*made));
    // While we looked for a free number, a segment may have come, gone and left us its number.
    PH_TRY(const std::uint32_t lowest, next());
    if (header.number >= lowest) return staged;
    header.number = lowest - 1;
  }
  return makeError(Errc::Unavailable, "store: no free segment number");
}

Result<StagedSegment> StagedSegment::create(int logDir, const SegmentHeader& header, Index& index) {
  return create(logDir, header, [&]() -> Result<std::uint32_t> {
    PH_TRY(Txn txn, index.beginRead());
    PH_TRY(const Position position, readPosition(txn));
    return position.nextSegment;
  });
}

Status EmbeddedBlobWriter::beginSegment() {
  SegmentHeader header;
  header.kind = SegmentKind::Pack;
  {
    PH_TRY(Txn txn, index_.beginRead());
    PH_TRY(const Position position, readPosition(txn));
    header.account = position.account;
  }
  PH_TRY(StagedSegment staged, StagedSegment::create(account_.log.get(), header, index_));
  staged_ = std::make_unique<StagedSegment>(std::move(staged));
  return {};
}

Status EmbeddedBlobWriter::flushBuffer() {
  const std::uint64_t at = kFirstRecord + kRecordHeaderSize + written_;
  PH_CHECK(writeAll(staged_->segment->fd.get(), at, bytes_));
  written_ += bytes_.size();
  bytes_.clear();
  return {};
}

Status EmbeddedBlobWriter::write(View part) {
  if (sealed_ || broken_) return makeError(Errc::Invalid, "store: write to a sealed or broken blob");
  broken_ = true;  // until this part is in
  while (!part.empty()) {
    const View piece = part.substr(0, kMaxInlineBlob);
    part.remove_prefix(piece.size());
    if (bytes_.size() + piece.size() > kMaxInlineBlob) {
      if (!staged_) PH_CHECK(beginSegment());
      PH_CHECK(flushBuffer());
    }
    bytes_.append(piece);
    crc_ = crc32Of(piece, crc_);
    size_ += piece.size();
  }
  broken_ = false;
  return {};
}

Status EmbeddedBlobWriter::seal() {
  if (broken_) return makeError(Errc::Io, "store: the blob could not be written");
  if (sealed_) return {};
  if (!staged_) {
    sealed_ = true;
    return {};
  }
  broken_ = true;
  PH_CHECK(flushBuffer());
  const SegmentFile& segment = *staged_->segment;
  RecordHeader header;
  header.length = size_;
  header.bodyCrc = crc_;
  header.lsn = segment.header.number;
  header.nonce = kFirstRecord;
  const Bytes raw = encodeRecordHeader(segment.header, kFirstRecord, header);
  PH_CHECK(writeAll(segment.fd.get(), kFirstRecord, raw));
  // Padded, so that the file ends where its only record does.
  const std::uint64_t end = kFirstRecord + recordSize(size_);
  const std::uint64_t bodyEnd = kFirstRecord + kRecordHeaderSize + size_;
  PH_CHECK(writeAll(segment.fd.get(), bodyEnd, Bytes(static_cast<std::size_t>(end - bodyEnd), '\0')));
  PH_CHECK(flushData(segment.fd.get()));
  PH_CHECK(flushDir(account_.log.get()));
  bytes_.shrink_to_fit();
  broken_ = false;
  sealed_ = true;
  return {};
}

void EmbeddedBlobWriter::spend() {
  spent_ = true;
  if (staged_) staged_->keep();
}

}  // namespace posthorn::store::embedded
