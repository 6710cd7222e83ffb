// SPDX-License-Identifier: Apache-2.0
#include "imapd/fetch/message_text.h"

namespace posthorn::imapd {
namespace {

// A longer header is read this far: more cannot be a header that anybody has written.
constexpr std::uint64_t kMostHeader = 16UL * 1024 * 1024;

}  // namespace

Result<const store::MessageBody*> MessageText::body() {
  if (!body_) {
    PH_TRY(auto body, box_.body(row_));
    body_ = std::move(body);
  }
  return &*body_;
}

Result<const mime::PackedViews*> MessageText::digest() {
  if (digest_) return &*digest_;
  auto cached = box_.digest(row_);
  if (cached.ok()) {
    packed_ = std::move(*cached);
    auto views = mime::viewDigest(packed_);
    if (views.ok()) {
      digest_ = *views;
      return &*digest_;
    }
  }
  PH_TRY(const auto* text, body());
  mime::DigestMaker maker;
  PH_CHECK(eachPiece(text->slice, {0, text->slice.length}, [&](View piece) { maker.feed(piece); }));
  packed_ = mime::packDigest(maker.finish());
  PH_TRY(digest_, mime::viewDigest(packed_));
  return &*digest_;
}

Result<std::optional<mime::SectionRange>> MessageText::find(const mime::Section& section) {
  using Text = mime::Section::Text;
  const store::MessageFacts& facts = row_.message.facts;
  // What concerns the message as a whole needs no structure.
  if (section.path.empty() && section.text != Text::Mime) {
    const mime::Range header{0, facts.headerLength};
    const mime::Range text{facts.headerLength, facts.size - facts.headerLength};
    if (section.text == Text::Whole) return std::optional(mime::SectionRange{{0, facts.size}, false});
    if (section.text == Text::Text) return std::optional(mime::SectionRange{text, false});
    return std::optional(mime::SectionRange{header, section.text != Text::Header});
  }
  PH_TRY(const auto parts, outline());
  return mime::resolve(parts, section);
}

Result<mime::Outline> MessageText::outline() {
  PH_TRY(const auto* known, digest());
  return mime::unpackOutline(known->outline, row_.message.facts.size);
}

Result<std::string> MessageText::read(const mime::Range& range) {
  PH_TRY(const auto* text, body());
  std::string out;
  out.reserve(range.length);
  PH_CHECK(eachPiece(text->slice, range, [&](View piece) { out.append(piece); }));
  return out;
}

Result<std::string> MessageText::filtered(const mime::Section& section, const mime::Range& range) {
  PH_TRY(const auto* text, body());
  auto filter = mime::filterOf(section);
  std::string out;
  const mime::Range looked{range.offset, std::min(range.length, kMostHeader)};
  PH_CHECK(eachPiece(text->slice, looked, [&](View piece) { filter.feed(piece, out); }));
  filter.finish(out);
  return out;
}

}  // namespace posthorn::imapd
