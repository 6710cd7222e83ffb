// SPDX-License-Identifier: Apache-2.0
#pragma once

// The bytes of a segment: one header (twice), then records on 8-byte boundaries. Values are little-endian.
//
// A commit is one group in a Main segment: its Msg records, then its Batch record, all with the commit's lsn
// and nonce. The nonce is 64 random bits, drawn anew for every attempt to write a group, and each Batch names
// the nonce of the batch before it. So bytes that an abandoned attempt left behind the end of the log can
// never pass for the next commit: their chain does not continue the one before them. Each header's CRC covers
// the segment's random salt, its number and the record's offset, so no record is valid anywhere but where it
// was written.

#include <cstdint>
#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/base/ids.h"

namespace posthorn::store::embedded {

inline constexpr std::uint16_t kFormatVersion = 1;
inline constexpr std::size_t kSegmentHeaderSize = 64;
/// The header stands twice, in two sectors: without its salt no record of the segment could be read.
inline constexpr std::size_t kHeaderCopy = 512;
inline constexpr std::size_t kFirstRecord = kHeaderCopy + kSegmentHeaderSize;
inline constexpr std::size_t kRecordHeaderSize = 40;
/// A Main segment takes no further group once it has this size.
inline constexpr std::uint64_t kSegmentLimit = 64ULL << 20;

enum class SegmentKind : std::uint16_t {
  Main = 1,      ///< the log itself: groups in the order of their lsn
  Pack = 2,      ///< blobs outside of the log: one large blob, or what compaction has kept
  Snapshot = 3,  ///< all rows as one commit left them; replay starts there
};

struct SegmentHeader {
  SegmentKind kind = SegmentKind::Main;
  std::uint32_t number = 0;
  std::uint64_t salt = 0;
  Id128 account;            ///< the same in all segments of an account
  std::uint64_t lsn = 0;    ///< Main: of its first group. Snapshot: of the commit it shows
  std::uint64_t nonce = 0;  ///< Main: of the batch before its first group. Snapshot: of the commit it shows
};

enum class RecordType : std::uint8_t {
  Msg = 1,          ///< a blob
  Batch = 2,        ///< operations on the rows (ops.h)
  Rows = 3,         ///< Snapshot: rows in key order
  SnapshotEnd = 4,  ///< Snapshot: its last record
};

struct RecordHeader {
  RecordType type = RecordType::Msg;
  std::uint64_t length = 0;  ///< of the body
  std::uint64_t lsn = 0;     ///< in a Pack: the segment of the blob's first place
  std::uint64_t nonce = 0;   ///< in a Pack: the offset of the blob's first place
  std::uint32_t bodyCrc = 0;
};

/// What a record with a body of `length` bytes takes in a segment.
constexpr std::uint64_t recordSize(std::uint64_t length) {
  return kRecordHeaderSize + ((length + 7) & ~std::uint64_t{7});
}

/// Both copies: the first kFirstRecord bytes of the file.
Bytes encodeSegmentHeader(const SegmentHeader& header);
/// From either copy; nothing when none is a header of this format version.
std::optional<SegmentHeader> decodeSegmentHeader(View bytes);

/// `offset`: where the record will lie in the segment.
Bytes encodeRecordHeader(const SegmentHeader& segment, std::uint64_t offset, const RecordHeader& header);
/// Nothing when the bytes are no record header written for this place.
std::optional<RecordHeader> decodeRecordHeader(const SegmentHeader& segment, std::uint64_t offset,
                                               View bytes);

/// 64 random bits that are not zero.
std::uint64_t randomNonce();

std::string segmentName(std::uint32_t number);
std::optional<std::uint32_t> parseSegmentName(View name);

}  // namespace posthorn::store::embedded
