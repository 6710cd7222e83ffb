// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/imap/types/mailbox_args.h"
#include "imapd/mail.h"

namespace posthorn::imapd {

/// One STATUS response (RFC 3501 7.2.4, RFC 7162, 7889, 8438, 8474, 9208), of STATUS and of LIST RETURN
/// (STATUS). `now` is the mailbox's, as the user sees it. Job: RECENT and DELETED-STORAGE look into it.
Status putMailboxStatus(std::string& out, const Mail& mail, const imap::MailboxName& name,
                        const store::MailboxHandle& box, const store::MailboxStatus& now,
                        const imap::StatusItems& items);

}  // namespace posthorn::imapd
