// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/mime/decode.h"
#include "common/mime/outline.h"
#include "imapd/fetch/message_text.h"

namespace posthorn::imapd {

/// Where a section of BINARY (RFC 3516) lies in the message, and what its octets are hidden by.
struct EncodedPart {
  mime::Range range;
  mime::Encoding encoding = mime::Encoding::Identity;
};
/// Nothing when the message has no such part; Unsupported when nobody knows how to decode it. An empty path
/// is the message as it stands, and what is made of parts has no encoding of its own (RFC 2045 6.4).
Result<std::optional<EncodedPart>> findPart(MessageText& text, const std::vector<std::uint32_t>& path);

/// What BINARY has to know before it can begin: a literal's length goes ahead of it.
struct DecodedFacts {
  std::uint64_t octets = 0;
  bool hasNul = false;
};

/// A part without its transfer encoding, read from the front in pieces and constant memory. Job.
class DecodedPart {
 public:
  explicit DecodedPart(const EncodedPart& part) : left_(part.range), decoder_(part.encoding) {}

  /// Reads all of a part once.
  static Result<DecodedFacts> measure(MessageText& text, const EncodedPart& part);

  /// Leaves out the first `offset` octets, and all after the `octets` behind them.
  void limit(std::uint64_t offset, std::uint64_t octets);
  /// Appends the next octets, at most some tens of thousands; none says nothing. Corrupt when the part ends
  /// before limit()'s octets are there.
  Status next(MessageText& text, std::string& out);
  /// Nothing is left of the part, or of what limit() asks for.
  [[nodiscard]] bool done() const { return wanted_ == 0 || (left_.length == 0 && finished_); }

 private:
  mime::Range left_;
  mime::TransferDecoder decoder_;
  std::uint64_t skip_ = 0;
  std::uint64_t wanted_ = UINT64_MAX;
  bool finished_ = false;
};

}  // namespace posthorn::imapd
