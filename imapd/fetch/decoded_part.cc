// SPDX-License-Identifier: Apache-2.0
#include "imapd/fetch/decoded_part.h"

#include <algorithm>

#include "common/mime/section.h"

namespace posthorn::imapd {
namespace {

constexpr std::uint64_t kPiece = 32UL * 1024;

}  // namespace

Result<std::optional<EncodedPart>> findPart(MessageText& text, const std::vector<std::uint32_t>& path) {
  mime::Section section;
  section.path = path;
  PH_TRY(const auto found, text.find(section));
  if (!found) return std::optional<EncodedPart>();
  EncodedPart part{found->range, mime::Encoding::Identity};
  if (path.empty()) return std::optional(part);
  PH_TRY(const auto outline, text.outline());
  const auto index = mime::resolvePart(outline, path);
  // An empty text that stands for the missing part of a multipart has no node. A message inside must not be
  // encoded (RFC 2046 5.2.1), but some senders do it.
  if (index && outline[*index].kind != mime::PartKind::Multipart) part.encoding = outline[*index].encoding;
  if (part.encoding == mime::Encoding::Unknown)
    return Error{Errc::Unsupported, "BINARY", "The part's transfer encoding is not known"};
  return std::optional(part);
}

Result<DecodedFacts> DecodedPart::measure(MessageText& text, const EncodedPart& part) {
  DecodedFacts facts;
  DecodedPart all(part);
  std::string piece;
  while (!all.done()) {
    piece.clear();
    PH_CHECK(all.next(text, piece));
    facts.octets += piece.size();
    facts.hasNul = facts.hasNul || piece.find('\0') != std::string::npos;
  }
  return facts;
}

void DecodedPart::limit(std::uint64_t offset, std::uint64_t octets) {
  skip_ = offset;
  wanted_ = octets;
}

Status DecodedPart::next(MessageText& text, std::string& out) {
  if (done()) return {};
  const std::size_t before = out.size();
  if (left_.length > 0) {
    const mime::Range piece{left_.offset, std::min(left_.length, kPiece)};
    PH_TRY(const std::string encoded, text.read(piece));
    decoder_.feed(encoded, out);
    left_.offset += piece.length;
    left_.length -= piece.length;
  } else {
    decoder_.finish(out);
    finished_ = true;
  }
  const std::uint64_t skipped = std::min<std::uint64_t>(skip_, out.size() - before);
  out.erase(before, skipped);
  skip_ -= skipped;
  if (out.size() - before > wanted_) out.resize(before + wanted_);
  if (wanted_ == UINT64_MAX) return {};
  wanted_ -= out.size() - before;
  if (finished_ && wanted_ > 0) return makeError(Errc::Corrupt, "a part is shorter than it was a moment ago");
  return {};
}

}  // namespace posthorn::imapd
