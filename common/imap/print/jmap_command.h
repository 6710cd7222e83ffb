// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/imap/print/text.h"
#include "common/imap/types/jmap.h"

// The arguments of X-POSTHORN-JMAP's commands, each with the blank before it; see common/imap/types/jmap.h.
// With options.literalPlus lists of ids may be as long as limits.h says: the line breaks at literals.

namespace posthorn::imap {

void putArgs(std::string& out, const jmap::MailboxesArgs& args, PrintOptions options);
void putArgs(std::string& out, const jmap::ChangesArgs& args, PrintOptions options);
void putArgs(std::string& out, const jmap::QueryArgs& args, PrintOptions options);
void putArgs(std::string& out, const jmap::ThreadsArgs& args, PrintOptions options);
void putArgs(std::string& out, const jmap::MessagesArgs& args, PrintOptions options);
void putArgs(std::string& out, const jmap::UpdateArgs& args, PrintOptions options);

}  // namespace posthorn::imap
