// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "common/store/embedded/account_dir.h"
#include "common/store/embedded/index.h"
#include "common/store/embedded/segment.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::embedded {

/// Up to here a blob waits in memory for the commit that writes it into the log; a larger one gets a Pack
/// segment of its own, so that neither memory nor the write lock depends on its size.
inline constexpr std::size_t kMaxInlineBlob = std::size_t{256} * 1024;

/// A new segment that only its maker may touch: an exclusive flock keeps maintain() away until it is part of
/// the account.
struct StagedSegment {
  SegmentPtr segment;
  /// Removes the file unless keep() was called.
  StagedSegment(int logDir, SegmentPtr staged) : segment(std::move(staged)), logDir_(logDir) {}
  StagedSegment(StagedSegment&& other) noexcept;
  StagedSegment& operator=(StagedSegment&&) = delete;
  ~StagedSegment();
  void keep();

  /// The number below which every number is or was one of the account's segments.
  using NextSegment = std::function<Result<std::uint32_t>()>;
  /// Under a number that no segment of the account ever had: references are to numbers, and a file that is
  /// gone leaves its name free.
  static Result<StagedSegment> create(int logDir, SegmentHeader header, const NextSegment& next);
  /// `next` as the index shows it.
  static Result<StagedSegment> create(int logDir, const SegmentHeader& header, Index& index);

 private:
  int logDir_;
  bool kept_ = false;
};

/// A blob on its way into one account. Outlives neither the domain nor a fork.
class EmbeddedBlobWriter final : public BlobWriter {
 public:
  /// `account` and `index` outlive the writer by `owner`.
  EmbeddedBlobWriter(std::shared_ptr<const void> owner, const AccountDir& account, Index& index)
      : owner_(std::move(owner)), account_(account), index_(index) {}

  Status write(View part) override;
  Status seal() override;
  [[nodiscard]] std::uint64_t size() const override { return size_; }

  /// Sealed, not attached before, and made for this account.
  [[nodiscard]] bool attachable(const AccountDir& account) const {
    return sealed_ && !spent_ && &account == &account_;
  }
  /// The bytes of a blob that goes into the log; empty for one with a segment of its own.
  [[nodiscard]] View bytes() const { return bytes_; }
  [[nodiscard]] std::uint32_t crc() const { return crc_; }
  /// The Pack that holds the blob as its only record; null when it goes into the log.
  [[nodiscard]] SegmentPtr segment() const { return staged_ ? staged_->segment : nullptr; }
  /// After the commit: the blob belongs to the account now.
  void spend();

 private:
  Status beginSegment();
  Status flushBuffer();

  std::shared_ptr<const void> owner_;
  const AccountDir& account_;
  Index& index_;
  Bytes bytes_;
  std::uint64_t size_ = 0;
  std::uint64_t written_ = 0;  ///< of the body, into the segment
  std::uint32_t crc_ = 0;
  bool sealed_ = false;
  bool spent_ = false;
  bool broken_ = false;
  std::unique_ptr<StagedSegment> staged_;
};

}  // namespace posthorn::store::embedded
