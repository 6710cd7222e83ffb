// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::store {

inline constexpr View kInbox = "INBOX";

/// A mailbox name as it is kept: valid UTF-8 in NFC (RFC 9051 5.1), no control characters, no empty levels,
/// one trailing '/' dropped, INBOX in capitals whatever its case. Invalid otherwise, with a text for the
/// client.
Result<std::string> normalName(View name);

/// Further refuses what must not be made anew: '%' and '*', and anything below INBOX (which has no
/// inferiors).
Status checkNewName(View normal);

/// The name as a key: '/' becomes 0x01, which sorts before all that a name can hold.
Bytes nameKey(char family, View normal);
/// And back, without the family.
std::string nameOfKey(View key);

/// "a/b" of "a/b/c"; empty for a name of one level.
View parentOf(View normal);

}  // namespace posthorn::store
