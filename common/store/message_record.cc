// SPDX-License-Identifier: Apache-2.0
#include "common/store/message_record.h"

#include <string>

#include "common/store/fields.h"

namespace posthorn::store {

namespace {

constexpr std::uint32_t kHeaderMagic = 0x534D4850;  // "PHMS"
constexpr std::uint32_t kFooterMagic = 0x454D4850;  // "PHME"
constexpr std::uint16_t kDotLines = 1;
constexpr std::uint16_t kHasNul = 2;
constexpr std::uint16_t kEightBit = 4;

Error corrupt(const char* what) {
  return makeError(Errc::Corrupt, std::string("store: message record has ") + what);
}

Status checkHeader(View header, const MessageRecord& record) {
  FieldReader in(header);
  if (in.get<std::uint32_t>() != kHeaderMagic) return corrupt("no header");
  if (in.get<std::uint16_t>() != kMessageVersion) return corrupt("an unknown version");
  if (in.get<std::uint16_t>() != record.bodyOffset) return corrupt("another body offset in its header");
  if (in.id() != record.facts.emailId) return corrupt("another EMAILID in its header");
  return {};
}

}  // namespace

Bytes encodeMessageHeader(const Id128& emailId) {
  Bytes out;
  putLe(out, kHeaderMagic);
  putLe(out, kMessageVersion);
  putLe(out, static_cast<std::uint16_t>(kBodyOffset));
  out.append(emailId.view());
  out.resize(kBodyOffset, '\0');
  return out;
}

Bytes encodeMessageFooter(const MessageRecord& record) {
  const MessageFacts& facts = record.facts;
  unsigned bits = 0;
  if (facts.dotLines) bits |= kDotLines;
  if (facts.hasNul) bits |= kHasNul;
  if (facts.eightBit) bits |= kEightBit;
  Bytes out;
  putLe(out, std::uint64_t{facts.size});
  putLe(out, record.digestLength);
  putLe(out, record.foldedLength);
  putLe(out, std::uint64_t{0});
  putLe(out, static_cast<std::uint64_t>(facts.internalDate.seconds));
  putLe(out, static_cast<std::uint16_t>(facts.internalDate.zoneMinutes));
  putLe(out, record.flags);
  putLe(out, facts.headerLength);
  putLe(out, facts.lines);
  putLe(out, static_cast<std::uint16_t>(bits));
  putLe(out, static_cast<std::uint16_t>(record.bodyOffset));
  out.append(facts.emailId.view());
  out.resize(kFooterSize - 4, '\0');
  putLe(out, kFooterMagic);
  return out;
}

std::uint32_t digestLengthOf(View footer) {
  return getLe<std::uint32_t>(footer, sizeof(std::uint64_t));
}

Result<MessageRecord> decodeMessageRecord(View header, View footer, std::uint64_t payloadLength) {
  if (header.size() != kBodyOffset || footer.size() != kFooterSize) return corrupt("another size");
  if (getLe<std::uint32_t>(footer, kFooterSize - 4) != kFooterMagic) return corrupt("no footer");
  FieldReader in(footer);
  MessageRecord record;
  const auto bodyLength = in.get<std::uint64_t>();
  record.digestLength = in.get<std::uint32_t>();
  record.foldedLength = in.get<std::uint32_t>();
  static_cast<void>(in.get<std::uint64_t>());
  record.facts.internalDate.seconds = static_cast<std::int64_t>(in.get<std::uint64_t>());
  record.facts.internalDate.zoneMinutes = static_cast<std::int16_t>(in.get<std::uint16_t>());
  record.flags = in.get<std::uint16_t>();
  record.facts.headerLength = in.get<std::uint32_t>();
  record.facts.lines = in.get<std::uint32_t>();
  const auto bits = in.get<std::uint16_t>();
  record.bodyOffset = in.get<std::uint16_t>();
  record.facts.emailId = in.id();
  record.facts.size = static_cast<std::uint32_t>(bodyLength);
  record.facts.dotLines = (bits & kDotLines) != 0;
  record.facts.hasNul = (bits & kHasNul) != 0;
  record.facts.eightBit = (bits & kEightBit) != 0;
  const std::uint64_t sections = std::uint64_t{record.digestLength} + record.foldedLength;
  if (bodyLength > 0xFFFF'FFFFU || record.bodyOffset != kBodyOffset ||
      payloadLength != kBodyOffset + bodyLength + sections + kFooterSize)
    return corrupt("lengths that do not add up");
  PH_CHECK(checkHeader(header, record));
  return record;
}

}  // namespace posthorn::store
