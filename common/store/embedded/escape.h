// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/base/bytes.h"

namespace posthorn::store::embedded {

/// The directory of an account below the root, "h1/h2/name": h1 and h2 are bytes of the name's hash, so that
/// no directory grows large. Bytes other than letters, digits and "-_@+." become =XX, a leading dot too, so
/// the result never leaves the root and never meets the engine's own dot names. A name over 200 bytes is cut
/// into nested directories "part=+/rest", because file names end at 255. Reversible: no two accounts share a
/// directory.
std::string accountPath(View account);

/// The account of the part below h1/h2; nothing when no account has that path.
std::optional<std::string> accountOfName(View name);

/// Whether a directory entry is the beginning of a longer name.
bool isNamePart(View entry);

}  // namespace posthorn::store::embedded
