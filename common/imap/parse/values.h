// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/imap/parse/scanner.h"
#include "common/imap/types/date.h"
#include "common/imap/types/flags.h"
#include "common/imap/types/mailbox_args.h"
#include "common/imap/types/mailbox_name.h"
#include "common/imap/types/sequence_set.h"

// Values that occur in several commands and responses. Errors as Scanner's.

namespace posthorn::imap {

/// Whether `$` (RFC 5182) and `*` may occur in a set.
enum class SetForm : std::uint8_t { Any, NumbersOnly };
Result<SequenceSet> parseSequenceSet(Scanner& in, SetForm form = SetForm::Any);

/// A name from an astring: modified UTF-7, or UTF-8 where enabled.
Result<MailboxName> parseMailbox(Scanner& in);
/// The same decoding of text that is there already: names, patterns, references; may be empty.
Result<std::string> decodeName(View text, bool utf8);

/// One flag into `flags`: a system flag or a keyword. \Recent is read and dropped.
Status parseFlag(Scanner& in, Flags& flags);
/// (flag flag)
Result<Flags> parseFlagList(Scanner& in);

/// 1-Feb-1994, also between quotes.
Result<Date> parseDate(Scanner& in);
/// "17-Jul-1996 02:44:25 -0700"
Result<DateTime> parseDateTime(Scanner& in);

/// (MESSAGES UNSEEN)
Result<StatusItems> parseStatusItems(Scanner& in);

}  // namespace posthorn::imap
