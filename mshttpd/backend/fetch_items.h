// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "mshttpd/backend/mail_host.h"
#include "mshttpd/backend/talk.h"

// FETCH responses as JMAP's side wants them.

namespace posthorn::mshttpd::backend {

/// An attribute without anything to say about it.
imap::FetchAttribute attributeOf(imap::FetchAttribute::Kind kind);
/// The first item of a kind; null when there is none.
const imap::FetchItem* itemOf(const imap::FetchData& data, imap::FetchAttribute::Kind kind);

/// UID FETCH of `attributes` of `set`.
Request fetchRequest(imap::SequenceSet set, std::vector<imap::FetchAttribute> attributes);

/// Flags, size, date, and `items` in the order asked for; what the server did not send is there without a
/// value. Ids and mailboxes are the caller's.
Message messageOf(imap::FetchData data, std::span<const imap::FetchAttribute> items);
/// The items of `asked`, in that order, out of `from`.
std::vector<imap::FetchItem> inOrder(std::vector<imap::FetchItem> from,
                                     std::span<const imap::FetchAttribute> asked);

/// Selects a mailbox, by the server's name, unless it is selected already. Conflict: it is another one than
/// the one with this UIDVALIDITY.
Status selectMailbox(Connection& connection, const std::string& mailbox, std::uint32_t uidValidity,
                     bool toWrite);

/// The text of one FETCH item of one message by UID in `mailbox`, the server's name. NotFound: the message is
/// gone; empty where there is nothing.
Result<Bytes> fetchText(Talk& talk, const std::string& mailbox, std::uint32_t uidValidity, std::uint32_t uid,
                        const imap::FetchAttribute& attribute);

}  // namespace posthorn::mshttpd::backend
