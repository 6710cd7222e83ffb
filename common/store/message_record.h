// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/store/types.h"

// The payload of a message's blob: header, body, sections, footer. What is not known before the body has
// passed stands behind it, so that a message streams in; the body begins at a fixed place, so that it streams
// out. The log holds these, so that each message explains itself without any index.
//
//   header  32  magic32 version16 bodyOffset16 EMAILID128 reserved64
//   body        as it came, CRLF lines
//   sections    the digest of mime/digest.h, folded text; each may be empty: not made
//   footer  96  lengths of body64 and sections32 x 2, unused64, INTERNALDATE, flags at delivery, facts,
//               EMAILID, magic32

namespace posthorn::store {

inline constexpr std::uint32_t kBodyOffset = 32;
inline constexpr std::uint32_t kFooterSize = 96;
inline constexpr std::uint16_t kMessageVersion = 1;

/// What the footer tells. `facts` without what belongs to a mailbox: threadId, saveDate, createdModseq.
struct MessageRecord {
  MessageFacts facts;
  SystemFlags flags = 0;  ///< at delivery
  std::uint32_t bodyOffset = kBodyOffset;
  std::uint32_t digestLength = 0;
  std::uint32_t foldedLength = 0;
};

Bytes encodeMessageHeader(const Id128& emailId);
Bytes encodeMessageFooter(const MessageRecord& record);
/// The length of the digest alone. `footer` has kFooterSize octets.
std::uint32_t digestLengthOf(View footer);
/// Corrupt when header and footer are not those of one message of `payloadLength` octets.
Result<MessageRecord> decodeMessageRecord(View header, View footer, std::uint64_t payloadLength);

}  // namespace posthorn::store
