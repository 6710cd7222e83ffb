// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "common/base/bytes.h"
#include "common/imap/parse/command.h"
#include "common/imap/parse/limits.h"
#include "common/imap/types/response.h"

// The client's side of the grammar: bytes to Response, for the pool that speaks to back ends and for tests.
// Pure; nothing is kept between calls. More liberal than RFC 9051 §9 only where servers need it: texts may be
// missing, lines may end with LF alone, blanks may stand before their end, and what is unknown comes as
// OtherData.

namespace posthorn::imap {

struct ResponseOptions {
  bool utf8 = false;                               ///< UTF8=ACCEPT or IMAP4rev2 is enabled
  std::size_t maxLine = kMaxResponseLine;          ///< octets of one line
  std::uint64_t maxLiteral = kMaxResponseLiteral;  ///< octets of one literal
};

/// The response is not whole: call again when more than `needed` bytes are there in all.
struct ResponseIncomplete {
  std::size_t needed = 0;
};
struct ResponseDone {
  Response response;
  std::size_t consumed = 0;
};
/// Not IMAP: there is no way on but to close the connection.
struct ResponseBad {
  std::string text;
  std::size_t where = 0;
};

using ResponseOutcome = std::variant<ResponseIncomplete, ResponseDone, ResponseBad>;
ResponseOutcome parseResponse(View bytes, const ResponseOptions& options = {});

}  // namespace posthorn::imap
