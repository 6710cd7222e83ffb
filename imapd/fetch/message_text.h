// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/mime/digest.h"
#include "common/mime/section.h"
#include "common/store/mailbox.h"

namespace posthorn::imapd {

/// The text of one message and what is known of it, each read when it is first asked for. Job.
class MessageText {
 public:
  MessageText(const store::MailboxHandle& box, const store::FetchRow& row) : box_(box), row_(row) {}

  /// NotFound when the message is gone for good, Corrupt when its text is damaged.
  Result<const store::MessageBody*> body();
  /// As cached at delivery; made anew from the text when it was not, or cannot be read.
  Result<const mime::PackedViews*> digest();
  /// The octets of a section; nothing when the message has none such.
  Result<std::optional<mime::SectionRange>> find(const mime::Section& section);
  /// Where the parts are.
  Result<mime::Outline> outline();
  /// Reads octets of the message into memory.
  Result<std::string> read(const mime::Range& range);
  /// What a HeaderFilter leaves of a header.
  Result<std::string> filtered(const mime::Section& section, const mime::Range& range);

 private:
  const store::MailboxHandle& box_;
  const store::FetchRow& row_;
  std::optional<store::MessageBody> body_;
  std::string packed_;
  std::optional<mime::PackedViews> digest_;  // into packed_
};

/// Calls `take` with the text in pieces of bounded size.
template <typename Take>
Status eachPiece(const store::BlobSlice& slice, const mime::Range& range, Take&& take) {
  constexpr std::uint64_t kPiece = 64UL * 1024;
  std::string piece;
  for (std::uint64_t at = 0; at < range.length; at += piece.size()) {
    piece.resize(std::min(kPiece, range.length - at));
    PH_TRY(const std::size_t got, slice.read(range.offset + at, piece.data(), piece.size()));
    if (got != piece.size()) return makeError(Errc::Corrupt, "a message is shorter than its record says");
    take(std::string_view(piece));
  }
  return {};
}

}  // namespace posthorn::imapd
