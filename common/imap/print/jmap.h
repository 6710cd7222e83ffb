// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/imap/print/text.h"
#include "common/imap/types/jmap.h"
#include "common/imap/types/response.h"

// X-POSTHORN-JMAP's responses, each a whole line with its CRLF; see common/imap/types/jmap.h.

namespace posthorn::imap {

void putJmap(std::string& out, const jmap::MailboxData& data, PrintOptions options = {});
void putJmap(std::string& out, const jmap::ChangesData& data, PrintOptions options = {});
void putJmap(std::string& out, const jmap::QueryData& data, PrintOptions options = {});
void putJmap(std::string& out, const jmap::ThreadInfo& data, PrintOptions options = {});
void putJmap(std::string& out, const MessageData& data, PrintOptions options = {});
void putJmap(std::string& out, const jmap::UpdateData& data, PrintOptions options = {});
void putJmap(std::string& out, const jmap::AppendedData& data, PrintOptions options = {});
/// `* XMESSAGE id threadid (mailboxids) (flags) octets "date" `: a parenthesis with the items follows.
void putMessageHead(std::string& out, const MessageData& data);

}  // namespace posthorn::imap
