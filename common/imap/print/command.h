// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/imap/print/text.h"
#include "common/imap/types/command.h"

// Commands as a client sends them, and as the round trip of the tests needs them.

namespace posthorn::imap {

/// `tag FETCH 1:* (UID)` with its CRLF. Strings that cannot be quoted become literals; without
/// options.literalPlus the client has to wait for `+ ` after each {n}. APPEND ends after the mailbox and a
/// blank: putAppendMessage() goes on.
void putCommand(std::string& out, const Command& command, PrintOptions options = {});

/// `(\Seen) "17-Jul-1996 02:44:25 -0700" {310}` CRLF: the octets follow, then a blank and the next message,
/// then putAppendMessageEnd(), and a blank and the next message or CRLF.
void putAppendMessage(std::string& out, const AppendMessage& message, std::uint64_t octets,
                      PrintOptions options = {});
/// What closes the last message (or, with another to follow, this one): `)` for UTF8, else nothing.
void putAppendMessageEnd(std::string& out, const AppendMessage& message);

/// A search key alone: `OR SEEN (FROM "x" DELETED)`.
void putSearchKey(std::string& out, const SearchKey& key, PrintOptions options = {});

}  // namespace posthorn::imap
