// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/mime/date.h"
#include "common/mime/search_text.h"
#include "common/mime/structure.h"

namespace posthorn::mime {

/// Everything that is cached of a message at delivery, so that no FETCH of it opens the message again.
struct Digest {
  Outline outline;
  Bytes envelope;                ///< wire ENVELOPE
  Bytes bodystructure;           ///< wire BODYSTRUCTURE (Dialect::Rev1)
  std::optional<SentDate> sent;  ///< of the Date field
  Bytes preview;                 ///< UTF-8; "" when there is no text
  bool hasAttachment = false;
  bool operator==(const Digest&) const = default;
};

/// Makes a Digest of a message that passes by in pieces of any size; bounded memory, one thread.
class DigestMaker {
 public:
  /// `text`, which may be null, gets the text for search on the way.
  explicit DigestMaker(TextSink* text = nullptr);
  ~DigestMaker();
  DigestMaker(const DigestMaker&) = delete;
  DigestMaker& operator=(const DigestMaker&) = delete;

  void feed(View octets);
  /// Nothing may be fed afterwards.
  [[nodiscard]] Digest finish();

 private:
  class Tap;
  std::unique_ptr<Tap> tap_;
  MessageParser parser_;
};

/// The outline in few octets (about 8 a part), with a version in front.
Bytes packOutline(const Outline& outline);
/// Corrupt unless it is an outline whose parts nest and lie inside a message of `size` octets: what has been
/// read can be resolved without further checks. An unknown version is Unsupported: make it anew.
Result<Outline> unpackOutline(View packed, std::uint64_t size);

/// All of a digest in one block for the message record, with version and lengths in front and a check at the
/// end. What unpackDigest reads is bounded by `packed`; it trusts nothing, and `size` is the stored
/// message's.
Bytes packDigest(const Digest& digest);
Result<Digest> unpackDigest(View packed, std::uint64_t size);

/// Views into a packed digest, for FETCH of one item without unpacking the rest.
struct PackedViews {
  View outline;
  View envelope;
  View bodystructure;
  View preview;
  std::optional<SentDate> sent;
  bool hasAttachment = false;
};
Result<PackedViews> viewDigest(View packed);

}  // namespace posthorn::mime
