// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"

namespace posthorn::mboxutil {

/// An internal mailbox name: user/<id>/<mailbox>.
struct InternalName {
  std::string user;
  std::string mailbox;  ///< INBOX in capitals; empty when only the user was named
};

/// Invalid, with what a name looks like, for anything else.
Result<InternalName> parseName(std::string_view text);
std::string spellName(std::string_view user, std::string_view mailbox);

/// LIST's wildcards on internal names: * any characters, % any but '/'.
bool matches(std::string_view pattern, std::string_view name);

}  // namespace posthorn::mboxutil
