// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "mshttpd/jmap/written_part.h"

namespace posthorn::mshttpd::jmap {

/// A message that is known to its last octet and read in windows, as often as wanted.
struct Composed {
  std::vector<Piece> pieces;
  std::uint64_t octets = 0;

  /// Job thread; blocks on files. Reads `this` no more once it is made.
  [[nodiscard]] backend::Source source() const;
};

struct Composing {
  OpenBlobFile open;
  Wall now;
  std::string domain;  ///< of Message-IDs that are made here
  std::uint64_t maxMessage = 0;
  std::uint64_t maxAttachments = 0;
};

/// The message that an Email object for creation describes (RFC 8621 4.6); mailboxIds, keywords and
/// receivedAt are not looked at. ASCII, but for attached messages that are 8-bit themselves; lines by RFC
/// 5322. Else a SetError that names everything that is wrong. Job thread; blocks on blobs.
std::variant<Composed, Json> compose(const Json& email, const Composing& with, Problems problems = {});

}  // namespace posthorn::mshttpd::jmap
