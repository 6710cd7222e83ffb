// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/imap/types/enum_set.h"
#include "common/imap/types/mailbox_name.h"
#include "common/imap/types/sequence_set.h"

// Arguments of the commands about mailboxes as such.

namespace posthorn::imap {

/// DELETE, GETACL, GETQUOTAROOT, MYRIGHTS, SUBSCRIBE, UNSUBSCRIBE.
struct MailboxArgs {
  MailboxName mailbox;
  bool operator==(const MailboxArgs&) const = default;
};

/// CREATE, with USE (...) of RFC 6154.
struct CreateArgs {
  MailboxName mailbox;           ///< a trailing delimiter is still there
  std::vector<std::string> use;  ///< "\Sent" and its like, as sent; empty without USE
  bool operator==(const CreateArgs&) const = default;
};

struct RenameArgs {
  MailboxName from;
  MailboxName to;
  bool operator==(const RenameArgs&) const = default;
};

/// QRESYNC (RFC 7162 §3.2.5).
struct QresyncArgs {
  std::uint32_t uidValidity = 0;
  std::uint64_t modseq = 0;
  std::optional<SequenceSet> knownUids;  ///< never with `*`
  struct Match {                         ///< sequence numbers and their UIDs, equally many, ascending
    SequenceSet numbers;
    SequenceSet uids;
    bool operator==(const Match&) const = default;
  };
  std::optional<Match> match;
  bool operator==(const QresyncArgs&) const = default;
};

/// SELECT and EXAMINE.
struct SelectArgs {
  MailboxName mailbox;
  bool condstore = false;
  std::optional<QresyncArgs> qresync;
  bool operator==(const SelectArgs&) const = default;
};

/// What STATUS can tell. Recent is RFC 3501's, HighestModseq RFC 7162's, Size RFC 8438's, MailboxId RFC
/// 8474's, AppendLimit RFC 7889's, DeletedStorage RFC 9208's; Deleted RFC 9051's, too.
enum class StatusItem : std::uint8_t {
  Messages,
  Recent,
  UidNext,
  UidValidity,
  Unseen,
  Deleted,
  Size,
  HighestModseq,
  MailboxId,
  AppendLimit,
  DeletedStorage,
};
using StatusItems = EnumSet<StatusItem>;
inline constexpr unsigned kStatusItemCount = 11;

struct StatusArgs {
  MailboxName mailbox;
  StatusItems items;  ///< at least one
  bool operator==(const StatusArgs&) const = default;
};

/// Selection options (RFC 5258 §3.1, RFC 6154).
enum class ListSelect : std::uint8_t { Subscribed, Remote, RecursiveMatch, SpecialUse };
/// Return options (RFC 5258 §3.2, RFC 6154, RFC 8440, RFC 5819).
enum class ListReturn : std::uint8_t { Subscribed, Children, SpecialUse, MyRights, Status };

/// LIST and LSUB.
struct ListArgs {
  std::string reference;              ///< decoded as a mailbox name; may be empty
  std::vector<std::string> patterns;  ///< decoded, with `%` and `*`; at least one; one may be empty
  bool extended = false;              ///< anything of RFC 5258 was used (several patterns, options, RETURN)
  EnumSet<ListSelect> selecting;      ///< RecursiveMatch only with Subscribed or SpecialUse
  EnumSet<ListReturn> returning;
  StatusItems statusItems;  ///< with ListReturn::Status, at least one
  bool operator==(const ListArgs&) const = default;
};

}  // namespace posthorn::imap
