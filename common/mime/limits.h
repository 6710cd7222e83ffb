// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

// How much of a message is understood. Nothing beyond these bounds is an error: the message stays readable to
// its last octet, and what lies beyond is shown as the lines say. All are checked before memory is taken, so
// that one message never takes more than kMaxKeptText and a few times kMaxField while it is read.

namespace posthorn::mime {

/// Multiparts and messages inside each other. Mail in the wild stays under 10; printing and resolving recurse
/// this deep. Deeper: a multipart or message at the bound is shown as application/octet-stream.
inline constexpr std::size_t kMaxDepth = 100;

/// Parts of a message. A digest of a busy list has some hundreds. Further ones belong to the last part's
/// body.
inline constexpr std::size_t kMaxParts = 10'000;

/// Octets of one header field that are looked at, folding included: 10,000 recipients fit. The rest of a
/// longer field is not seen by ENVELOPE, BODYSTRUCTURE and search; BODY[HEADER.FIELDS] gives it whole.
inline constexpr std::size_t kMaxField = std::size_t{1} << 20;

/// Octets of one header block that are looked at. Fields beyond are not seen by ENVELOPE, BODYSTRUCTURE and
/// search.
inline constexpr std::size_t kMaxHeader = std::size_t{4} << 20;

/// Text of all headers that a structure keeps, over all parts (it comes back in BODYSTRUCTURE and ENVELOPE).
/// Parts beyond are shown with the defaults of RFC 2045 5.2, nested messages with an empty envelope.
inline constexpr std::size_t kMaxKeptText = std::size_t{8} << 20;

/// Parameters of one Content-Type or Content-Disposition, and languages of one Content-Language; further ones
/// are left out. A continuation of RFC 2231 counts as one each.
inline constexpr std::size_t kMaxParameters = 256;

/// Addresses of one list, group marks included; further ones are left out of ENVELOPE.
inline constexpr std::size_t kMaxAddresses = 20'000;

/// Comments inside each other (RFC 5322 sets no bound); what is deeper ends the comment's value.
inline constexpr std::size_t kMaxCommentDepth = 100;

/// Octets of a boundary that lines are compared with. RFC 2046 allows 70; longer ones are compared this far.
inline constexpr std::size_t kMaxBoundary = 256;

/// Characters of a PREVIEW (RFC 8970 3.1 says 200, at most 256).
inline constexpr std::size_t kPreviewCharacters = 200;

/// Octets of an HTML tag that are looked at for a value worth searching; longer ones are skipped.
inline constexpr std::size_t kMaxHtmlTag = std::size_t{8} << 10;

/// Octets of one window of decoded text that a TextSink is given.
inline constexpr std::size_t kTextWindow = std::size_t{16} << 10;

}  // namespace posthorn::mime
