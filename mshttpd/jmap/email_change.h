// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mshttpd/jmap/set.h"
#include "mshttpd/jmap/written_header.h"

// Keywords and mailboxes of an Email as a client sets them (RFC 8621 4.1.1, 4.6): JSON to what a back end
// takes.

namespace posthorn::mshttpd::jmap {

/// What a new message gets beside its text.
struct Placement {
  std::vector<std::string> flags;
  std::vector<backend::Id> mailboxes;  ///< one at least, when there were no problems
  std::optional<imap::DateTime> receivedAt;
};
/// mailboxIds, keywords and receivedAt of `object`; absent ones are taken from `fallback` (a copy's
/// original).
Placement readPlacement(const Call& call, const Json& object, Problems& problems,
                        const Placement& fallback = {});

/// tooManyKeywords or tooManyMailboxes, before anything is asked of the back end; null: it is well.
Json boundsError(const Placement& placement);

/// A patch as the change of one message; what it says of other properties is in `same`, and must be so
/// already.
struct EmailChange {
  imap::jmap::Update update;
  Json same = Json::object();
};
/// Null, or the SetError.
Json readChange(const Call& call, const Json& patch, EmailChange& out);

/// The SetError of an outcome; null for Updated and Destroyed.
Json outcomeError(const imap::jmap::UpdateData& outcome);
/// Of an append.
Json appendError(const Error& error);
/// tooLarge, with the maxSize that RFC 8621 7.5 demands.
Json messageTooLarge(std::uint64_t most);

/// {"id", "blobId", "threadId", "size"}.
Json createdEmail(const backend::Appended& appended);

}  // namespace posthorn::mshttpd::jmap
