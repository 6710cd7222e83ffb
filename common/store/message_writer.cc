// SPDX-License-Identifier: Apache-2.0
#include "common/store/message_writer.h"

#include <algorithm>
#include <utility>

#include "common/store/message_record.h"
#include "common/store/records.h"

namespace posthorn::store {

// Input is normalised in pieces of this size, which bounds what one write() holds.
static constexpr std::size_t kPiece = std::size_t{64} * 1024;
// Sizes are 32 bits wide in IMAP.
static constexpr std::uint64_t kMostOctets = 0xFFFF'0000U;

MessageWriter::MessageWriter(std::unique_ptr<BlobWriter> blob, std::uint64_t limit, const Id128& emailId)
    : blob_(std::move(blob)),
      limit_(std::min(limit, kMostOctets)),
      digest_(std::make_unique<mime::DigestMaker>()) {
  facts_.emailId = emailId;
}

Status MessageWriter::write(View part) {
  if (finished_ || failed_) return makeError(Errc::Invalid, "store: the message takes no more text");
  failed_ = true;
  if (blob_->size() == 0) PH_CHECK(blob_->write(encodeMessageHeader(facts_.emailId)));
  Bytes normal;
  while (!part.empty()) {
    const View piece = part.substr(0, kPiece);
    part.remove_prefix(piece.size());
    normal.clear();
    lines_.feed(piece, normal);
    if (lines_.octets() > limit_) return makeError(Errc::TooBig, "store: the message passes the size limit");
    if (!headerTapped_) header_.feed(normal);
    headerTapped_ = lines_.headerEnded();
    digest_->feed(normal);
    PH_CHECK(blob_->write(normal));
  }
  failed_ = false;
  return {};
}

Status MessageWriter::finish(ZonedTime when, SystemFlags flags, std::vector<std::string> keywords) {
  if (finished_ || failed_) return makeError(Errc::Invalid, "store: the message cannot be finished");
  if (lines_.octets() == 0) return makeError(Errc::Invalid, "store: the message is empty");
  for (const auto& keyword : keywords)
    if (!isKeyword(keyword)) return makeError(Errc::Invalid, "store: not a keyword");
  failed_ = true;
  facts_.size = static_cast<std::uint32_t>(lines_.octets());
  facts_.headerLength = static_cast<std::uint32_t>(lines_.headerLength());
  facts_.lines = static_cast<std::uint32_t>(lines_.lines());
  facts_.internalDate = when;
  facts_.dotLines = lines_.dotLines();
  facts_.hasNul = lines_.hasNul();
  facts_.eightBit = lines_.eightBit();
  flags_ = static_cast<SystemFlags>(flags & kAllFlags);
  keywords_ = std::move(keywords);
  ids_ = scanMessageIds(header_.header(facts_.headerLength));
  const Bytes digest = mime::packDigest(digest_->finish());
  PH_CHECK(blob_->write(digest));
  MessageRecord record;
  record.facts = facts_;
  record.flags = flags_;
  record.digestLength = static_cast<std::uint32_t>(digest.size());
  PH_CHECK(blob_->write(encodeMessageFooter(record)));
  PH_CHECK(blob_->seal());
  failed_ = false;
  finished_ = true;
  return {};
}

Status MessageWriter::importUidl(View uidl) {
  if (!isUidl(uidl)) return makeError(Errc::Invalid, "store: not a UIDL");
  uidl_ = std::string(uidl);
  return {};
}

}  // namespace posthorn::store
