// SPDX-License-Identifier: Apache-2.0
// BINARY and BINARY.SIZE (RFC 3516): parts without their transfer encoding. A long one is read twice, since
// its length goes ahead of it: once to measure it, then window by window as the client takes it.
#include <algorithm>

#include "imapd/fetch/fetch_transfer.h"

namespace posthorn::imapd {

Status FetchTransfer::binary(const imap::FetchAttribute& attribute) {
  const bool sizeOnly = attribute.kind == imap::FetchAttribute::Kind::BinarySize;
  PH_TRY(const auto part, findPart(*text_, attribute.section.part));
  if (!part) {
    if (sizeOnly) {
      writer_->size(attribute, 0);
    } else {
      writer_->nil(attribute);
    }
    return {};
  }
  const bool asStored = part->encoding == mime::Encoding::Identity;
  if (sizeOnly) {
    DecodedFacts facts{part->range.length, false};
    if (!asStored) {
      PH_TRY(facts, measured(*part));
    }
    writer_->size(attribute, facts.octets);
    return {};
  }
  if (asStored && !row().message.facts.hasNul) {
    mime::Range range = part->range;
    if (attribute.partial) range = mime::partial(range, attribute.partial->offset, attribute.partial->octets);
    return octets(attribute, range);
  }
  PH_TRY(const auto facts, measured(*part));
  mime::Range wanted{0, facts.octets};
  if (attribute.partial) wanted = mime::partial(wanted, attribute.partial->offset, attribute.partial->octets);
  writer_->literal(attribute, wanted.length, facts.hasNul);
  decoded_.emplace(*part);
  decoded_->limit(wanted.offset, wanted.length);
  if (decoded_->done()) decoded_.reset();
  return {};
}

/// BINARY.SIZE[2] BINARY[2] measures once.
Result<DecodedFacts> FetchTransfer::measured(const EncodedPart& part) {
  if (measuredUid_ == row().message.uid && measuredAt_ == part.range.offset) return measured_;
  PH_TRY(measured_, DecodedPart::measure(*text_, part));
  measuredUid_ = row().message.uid;
  measuredAt_ = part.range.offset;
  return measured_;
}

Status FetchTransfer::continueDecoded() {
  PH_CHECK(decoded_->next(*text_, out_));
  if (decoded_->done()) decoded_.reset();
  return {};
}

}  // namespace posthorn::imapd
