// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/bytes.h"
#include "common/mime/header.h"
#include "common/mime/outline.h"

namespace posthorn::mime {

/// What BODY[...] names (RFC 3501 6.4.5), without the partial.
struct Section {
  enum class Text : std::uint8_t { Whole, Header, HeaderFields, HeaderFieldsNot, Text, Mime };
  std::vector<std::uint32_t> path;  ///< "1.2" is {1, 2}; empty: the message
  Text text = Text::Whole;
  std::vector<Bytes> fields;  ///< of HeaderFields and HeaderFieldsNot
};

/// The octets of the stored message that a section is made of.
struct SectionRange {
  Range range;
  bool filtered = false;  ///< send what HeaderFilter leaves of them, not the octets themselves
};

/// Nothing when the message has no such section: BODY[...] NIL is the answer then. MIME without a path names
/// nothing, as do HEADER and TEXT of a part that is no message. Never reads the message.
std::optional<SectionRange> resolve(const Outline& outline, const Section& section);

/// The part that a path names, an index of the outline: what BINARY[1.2] and BINARY.SIZE[1.2] are about. An
/// empty path is the message itself, {1} of a message that is no multipart is the same.
std::optional<std::size_t> resolvePart(const Outline& outline, const std::vector<std::uint32_t>& path);

/// The part number of an entity, for example {2, 1}; empty for the message itself when it is a multipart.
std::vector<std::uint32_t> partNumber(const Outline& outline, std::size_t part);

/// "<offset.count>" of `range`: cut at its end, empty behind it (RFC 3501 6.4.5).
Range partial(Range range, std::uint64_t offset, std::uint64_t count);
/// The same of text in memory.
View partial(View text, std::uint64_t offset, std::uint64_t count);

/// A HeaderFilter for a filtered section.
HeaderFilter filterOf(const Section& section);

}  // namespace posthorn::mime
