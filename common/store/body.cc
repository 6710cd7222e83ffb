// SPDX-License-Identifier: Apache-2.0
#include "common/store/body.h"

#include <utility>

namespace posthorn::store {

namespace {

MessageBody bodyOf(BlobSlice slice, const MessageFacts& facts) {
  MessageBody body;
  body.slice = std::move(slice);
  body.size = facts.size;
  body.headerLength = facts.headerLength;
  body.lines = facts.lines;
  body.dotLines = facts.dotLines;
  body.eightBit = facts.eightBit;
  return body;
}

Result<Bytes> readPart(Domain& domain, const BlobRef& blob, std::uint64_t at, std::size_t size) {
  PH_TRY(const auto slice, domain.read(blob, at, size));
  Bytes part(size, '\0');
  PH_TRY(const std::size_t got, slice.read(0, part.data(), size));
  part.resize(got);
  return part;
}

}  // namespace

Result<MessageBody> readBody(Domain& domain, const ColdEntry& entry) {
  PH_TRY(auto slice, domain.read(entry.blob, entry.bodyOffset, entry.facts.size));
  if (slice.length != entry.facts.size) return makeError(Errc::Corrupt, "store: a message's text is cut off");
  return bodyOf(std::move(slice), entry.facts);
}

Result<Bytes> readDigest(Domain& domain, const ColdEntry& entry) {
  const std::uint64_t begin = std::uint64_t{entry.bodyOffset} + entry.facts.size;
  if (entry.blob.length < begin + kFooterSize) return makeError(Errc::Corrupt, "store: a blob is too short");
  PH_TRY(Bytes end, readPart(domain, entry.blob, begin, entry.blob.length - begin));
  if (end.size() < kFooterSize) return makeError(Errc::Corrupt, "store: a message's record is cut off");
  const std::size_t length = digestLengthOf(View(end).substr(end.size() - kFooterSize));
  if (length > end.size() - kFooterSize) return makeError(Errc::Corrupt, "store: a digest is too long");
  end.resize(length);
  return end;
}

Result<MessageRecord> readRecord(Domain& domain, const BlobRef& blob) {
  if (blob.length < kBodyOffset + kFooterSize) return makeError(Errc::Corrupt, "store: a blob is too short");
  PH_TRY(const Bytes header, readPart(domain, blob, 0, kBodyOffset));
  PH_TRY(const Bytes footer, readPart(domain, blob, blob.length - kFooterSize, kFooterSize));
  return decodeMessageRecord(header, footer, blob.length);
}

Result<MessageBody> readBody(Domain& domain, const BlobRef& blob) {
  PH_TRY(const auto record, readRecord(domain, blob));
  PH_TRY(auto slice, domain.read(blob, record.bodyOffset, record.facts.size));
  return bodyOf(std::move(slice), record.facts);
}

}  // namespace posthorn::store
