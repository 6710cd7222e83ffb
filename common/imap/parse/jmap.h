// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/imap/parse/scanner.h"
#include "common/imap/types/fetch.h"
#include "common/imap/types/jmap.h"

// What commands and responses of X-POSTHORN-JMAP share. Errors as Scanner's.

namespace posthorn::imap {

/// An object id, from an astring.
Result<jmap::Id> parseId(Scanner& in);
/// (id id), also none; at most `most`.
Result<std::vector<jmap::Id>> parseIds(Scanner& in, std::size_t most);
/// -5
Result<std::int64_t> parseSigned(Scanner& in);
/// "\Seen" of the flags that clients set, or a keyword.
Result<std::string> parseFlagName(Scanner& in);
/// (FLAGS BODY[1]) as in FETCH, after the parenthesis; appended to `attributes`.
Status parseFetchAttributes(Scanner& in, std::vector<FetchAttribute>& attributes);

}  // namespace posthorn::imap
