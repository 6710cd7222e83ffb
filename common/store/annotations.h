// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/engine/engine.h"
#include "common/store/mailbox.h"
#include "common/store/types.h"

// Annotations of mailboxes and of the account itself (RFC 5464): values under names that begin with /private/
// or /shared/, in any case, kept in lower case (schema.h, X). Those under /private/ are each reader's own;
// the owner's and a reader's of one name are two. RENAME keeps them (the old and the new INBOX both have
// them), DELETE drops them. They count against no quota but their own limits (Options::annotations).
//
// Each change takes a new MODSEQ of the account, which the changed entries bear; a change of the owner's or
// of a shared one stands in the mailbox list's changes, too (Changed). What was removed is remembered for a
// while. All calls block.

namespace posthorn::store {

struct Annotation {
  std::string entry;  ///< in lower case
  std::string value;  ///< whatever octets
  Modseq modseq = 0;  ///< of its last change
};

struct AnnotationChange {
  std::string entry;                 ///< at most kMaxEntry octets, ASCII
  std::optional<std::string> value;  ///< nothing removes it
  /// When set, all of the call's changes are made only if the entry has this value (nothing: none) before it.
  std::optional<std::optional<std::string>> before = std::nullopt;
};

inline constexpr std::size_t kMaxEntry = 256;
/// What one row can hold; store.maxannotationsize is not above it.
inline constexpr std::size_t kMaxAnnotation = kMaxValue - 64;

/// What the account itself has, or a mailbox, as the handle's reader sees it; sorted by entry.
Result<std::vector<Annotation>> annotationsOf(const AccountHandle& account);
Result<std::vector<Annotation>> annotationsOf(const MailboxHandle& box);

struct Reader;
/// The value that a mailbox's entry has for the owner, or for a reader, in a snapshot; nothing when it has
/// none. `entry` in lower case.
Result<std::optional<std::string>> annotationIn(Snapshot& from, MailboxNo mailbox, const Reader* reader,
                                                View entry);

/// All changes or none; the account's new MODSEQ, or 0 when nothing changed. Durable when it returns.
/// TooBig for a value over the limit, Limit when the account has too many or they are too long together,
/// Conflict when a value is not what `before` says (with the client's text "changed") or the mailbox is gone.
Result<Modseq> annotate(const AccountHandle& account, std::span<const AnnotationChange> changes);
Result<Modseq> annotate(const MailboxHandle& box, std::span<const AnnotationChange> changes);

/// The error of annotate() for a value that has changed meanwhile.
[[nodiscard]] bool isAnnotationConflict(const Error& error);

/// An entry of the owner's, or a shared one, that was changed or removed.
struct AnnotationNews {
  MailboxNo mailbox = 0;  ///< 0: the account itself
  std::string entry;
  Modseq modseq = 0;
};
/// What was changed after `since`; `until` becomes the latest change of any. One look-up when there is
/// nothing.
Result<std::vector<AnnotationNews>> annotationNews(const AccountHandle& account, Modseq since, Modseq& until);

class Edit;
/// Inside a commit: the annotations of a mailbox go, or another one gets the same.
Status dropAnnotations(Edit& edit, MailboxNo mailbox);
Status copyAnnotations(Edit& edit, MailboxNo from, MailboxNo to);

}  // namespace posthorn::store
