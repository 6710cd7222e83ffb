// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/format.h"

#include <limits>

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "common/store/engine/crc.h"

namespace posthorn::store::embedded {

static constexpr View kSegmentMagic{"PHSEG\r\n\x1a", 8};
static constexpr std::uint32_t kRecordMagic = 0x31524850;  // "PHR1"

Bytes encodeSegmentHeader(const SegmentHeader& header) {
  Bytes out(kSegmentMagic);
  putLe(out, kFormatVersion);
  putLe(out, static_cast<std::uint16_t>(header.kind));
  putLe(out, header.number);
  putLe(out, header.salt);
  out.append(header.account.view());
  putLe(out, header.lsn);
  putLe(out, header.nonce);
  putLe(out, std::uint32_t{0});
  putLe(out, crc32Of(out));
  Bytes twice = out;
  twice.resize(kHeaderCopy, '\0');
  return twice + out;
}

static std::optional<SegmentHeader> decodeHeaderCopy(View bytes) {
  if (bytes.size() < kSegmentHeaderSize || bytes.substr(0, 8) != kSegmentMagic) return {};
  if (getLe<std::uint32_t>(bytes, 60) != crc32Of(bytes.substr(0, 60))) return {};
  if (getLe<std::uint16_t>(bytes, 8) != kFormatVersion) return {};
  SegmentHeader header;
  const auto kind = getLe<std::uint16_t>(bytes, 10);
  if (kind < 1 || kind > 3) return {};
  header.kind = static_cast<SegmentKind>(kind);
  header.number = getLe<std::uint32_t>(bytes, 12);
  header.salt = getLe<std::uint64_t>(bytes, 16);
  std::memcpy(header.account.raw.data(), bytes.data() + 24, 16);
  header.lsn = getLe<std::uint64_t>(bytes, 40);
  header.nonce = getLe<std::uint64_t>(bytes, 48);
  return header;
}

std::optional<SegmentHeader> decodeSegmentHeader(View bytes) {
  auto header = decodeHeaderCopy(bytes);
  if (!header && bytes.size() >= kFirstRecord) header = decodeHeaderCopy(bytes.substr(kHeaderCopy));
  return header;
}

static std::uint32_t headCrc(const SegmentHeader& segment, std::uint64_t offset, View bytes) {
  Bytes place;
  putLe(place, segment.salt);
  putLe(place, segment.number);
  putLe(place, offset);
  return crc32Of(bytes, crc32Of(place));
}

Bytes encodeRecordHeader(const SegmentHeader& segment, std::uint64_t offset, const RecordHeader& header) {
  Bytes out;
  out.reserve(kRecordHeaderSize);
  putLe(out, kRecordMagic);
  putLe(out, static_cast<std::uint8_t>(header.type));
  putLe(out, std::uint8_t{0});
  putLe(out, std::uint16_t{0});
  putLe(out, header.length);
  putLe(out, header.lsn);
  putLe(out, header.nonce);
  putLe(out, header.bodyCrc);
  putLe(out, headCrc(segment, offset, out));
  return out;
}

std::optional<RecordHeader> decodeRecordHeader(const SegmentHeader& segment, std::uint64_t offset,
                                               View bytes) {
  if (bytes.size() < kRecordHeaderSize || getLe<std::uint32_t>(bytes, 0) != kRecordMagic) return {};
  if (getLe<std::uint32_t>(bytes, 36) != headCrc(segment, offset, bytes.substr(0, 36))) return {};
  RecordHeader header;
  const auto type = getLe<std::uint8_t>(bytes, 4);
  if (type < 1 || type > 4) return {};
  header.type = static_cast<RecordType>(type);
  header.length = getLe<std::uint64_t>(bytes, 8);
  header.lsn = getLe<std::uint64_t>(bytes, 16);
  header.nonce = getLe<std::uint64_t>(bytes, 24);
  header.bodyCrc = getLe<std::uint32_t>(bytes, 32);
  if (header.length > (std::uint64_t{1} << 48)) return {};
  return header;
}

std::uint64_t randomNonce() {
  std::uint64_t nonce = 0;
  while (nonce == 0) randomBytes(&nonce, sizeof nonce);
  return nonce;
}

std::string segmentName(std::uint32_t number) {
  return fmt::format("{:08}.seg", number);
}

std::optional<std::uint32_t> parseSegmentName(View name) {
  if (name.size() < 12 || name.substr(name.size() - 4) != ".seg") return {};
  const auto number = ascii::number(name.substr(0, name.size() - 4));
  if (!number || *number == 0 || *number > std::numeric_limits<std::uint32_t>::max()) return {};
  const auto result = static_cast<std::uint32_t>(*number);
  if (segmentName(result) != name) return {};
  return result;
}

}  // namespace posthorn::store::embedded
