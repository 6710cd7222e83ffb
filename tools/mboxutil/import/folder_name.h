// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "common/base/bytes.h"
#include "common/store/types.h"

namespace posthorn::migrate {

/// How folder names are written on disk.
enum class NameForm : std::uint8_t {
  Auto,   ///< UTF-8 where there are octets over 0x7F, else modified UTF-7 where it is that, else as it stands
  Mutf7,  ///< Dovecot's default
  Utf8,   ///< Dovecot's UTF-8 option, Courier from 5.0 on
};

/// One level of a name in UTF-8. What is neither stays as it is, octets that are no UTF-8 as "=XX".
std::string decodeLevel(View level, NameForm form);

/// Gives folders names that mailboxes can have: no wildcards and controls, none below INBOX, none twice.
class FolderNames {
 public:
  /// The mailbox of these levels (decoded); `note` says so when it is not quite their name.
  std::string give(const std::vector<std::string>& levels, std::string& note);

 private:
  std::unordered_set<std::string> taken_{"INBOX"};
};

/// The special use that clients and servers give a folder of this name; 0: none.
store::SpecialUse usualUse(View name);

}  // namespace posthorn::migrate
