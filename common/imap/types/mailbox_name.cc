// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/mailbox_name.h"

#include "common/base/ascii.h"

namespace posthorn::imap {

MailboxName canonicalName(std::string utf8) {
  if (ascii::equal(utf8, "INBOX")) return {"INBOX"};
  return {std::move(utf8)};
}

}  // namespace posthorn::imap
