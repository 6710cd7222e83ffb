// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace posthorn::imap {

/// A mailbox's name decoded from modified UTF-7 (RFC 3501 §5.1.3), or from UTF-8 where the client has enabled
/// it: valid UTF-8 without control characters, "INBOX" in capitals when it is that in any case. Everything
/// else about names (levels, trailing delimiter, length, normalisation) is the store's to judge.
struct MailboxName {
  std::string utf8;
  bool operator==(const MailboxName&) const = default;
};

/// The name that `utf8` stands for: INBOX canonical, the rest as it is.
MailboxName canonicalName(std::string utf8);

}  // namespace posthorn::imap
