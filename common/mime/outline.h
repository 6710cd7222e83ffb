// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace posthorn::mime {

enum class PartKind : std::uint8_t {
  Leaf,       ///< the body is content
  Multipart,  ///< children are the parts between the boundaries
  Message,    ///< message/rfc822 or message/global: the one child is the message inside
};

/// Content-Transfer-Encoding, as far as it matters for reading the body.
enum class Encoding : std::uint8_t {
  Identity,  ///< 7bit, 8bit, binary, or none said
  Base64,
  QuotedPrintable,
  Unknown,  ///< something else: the body cannot be decoded (BINARY: UNKNOWN-CTE)
};

inline constexpr std::uint32_t kNoPart = 0xFFFFFFFFU;

/// Where one entity (a message or a part) lies in the message as stored. Octets count from the message's
/// first; lines are line ends (CRLF, or a bare LF in text that did not come from the store): a last line
/// without one is not counted, a bare CR ends no line.
///
/// The line end in front of a boundary belongs to the boundary (RFC 2046 5.1.1), so `end` is before it.
struct PartNode {
  PartKind kind = PartKind::Leaf;
  Encoding encoding = Encoding::Identity;
  bool text = false;  ///< of type text/*, or without Content-Type
  bool attachment =
      false;            ///< Content-Disposition: attachment, or a leaf with a file name that is not inline
  bool global = false;  ///< message/global
  std::uint32_t parent = kNoPart;
  std::uint32_t firstChild = kNoPart;
  std::uint32_t nextSibling = kNoPart;
  std::uint64_t headerStart = 0;
  std::uint64_t bodyStart = 0;  ///< behind the empty line; equals `end` when the header has no end
  std::uint64_t end = 0;
  std::uint32_t headerLines = 0;  ///< the empty line included
  std::uint32_t bodyLines = 0;

  [[nodiscard]] std::uint64_t headerSize() const { return bodyStart - headerStart; }
  [[nodiscard]] std::uint64_t bodySize() const { return end - bodyStart; }
  bool operator==(const PartNode&) const = default;
};

/// All entities of a message in the order of their beginnings: [0] is the message itself. What section
/// addressing, BINARY and search need to find their octets; everything else is in Structure. Never empty.
using Outline = std::vector<PartNode>;

/// Octets of the stored message.
struct Range {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  bool operator==(const Range&) const = default;
};

inline Range headerRange(const PartNode& node) {
  return {node.headerStart, node.headerSize()};
}
inline Range bodyRange(const PartNode& node) {
  return {node.bodyStart, node.bodySize()};
}

}  // namespace posthorn::mime
