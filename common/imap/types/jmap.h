// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/imap/types/fetch.h"
#include "common/imap/types/mailbox_name.h"

// X-POSTHORN-JMAP: what JMAP needs of a store and standard IMAP cannot say, as values. Offered to sessions
// that a proxy user opened. Every command works in the logged-in account or in that of `owner`, as far as the
// ACL allows; none needs a selected mailbox or changes it. Ids are those of RFC 8474: EMAILID, THREADID,
// MAILBOXID. A state is a MODSEQ of the account; each answer carries that of the one snapshot that it was
// read from.
//
//   XMAILBOXES [OWNER user]
//     * XMAILBOX id name (special uses) rights (SUBSCRIBED SHARED MESSAGES n UNSEEN n THREADS n
//       UNSEENTHREADS n SIZE n UIDVALIDITY n [ORDER n])           one for each
//   XCHANGES [OWNER user] EMAIL|THREAD|MAILBOX since [AFTER id] [MAX n]
//     * XCHANGES EMAIL|THREAD|MAILBOX old new (created) (updated) (destroyed) [MORE] [COUNTS] [AFTER id]
//   XQUERY [OWNER user] [FILTER filter] [SORT (comparator ...)] [COLLAPSE] [POSITION n | ANCHOR id [OFFSET
//   n]]
//       [LIMIT n] [TOTAL]
//     * XQUERY state position (id ...) [TOTAL n]
//   XTHREADS [OWNER user] (threadid ...)
//     * XTHREAD id (emailid ...)                                  one for each that there is
//   XMESSAGES [OWNER user] (emailid ...) (fetch attribute ...)
//     * XMESSAGE id threadid (mailboxid ...) (flags) octets "date" (fetch data)
//                                                                 one for each that there is
//   XUPDATE [OWNER user] [IFSTATE n] (update ...)
//     * XUPDATED id UPDATED|DESTROYED|NOTFOUND|FORBIDDEN|... [(mailboxid ...)]  one for each, in their order
//   XREMOVE mailbox
//     DELETE, but NO [XSTATEMISMATCH] while there is a message without \Deleted in it
//   and behind the messages of an APPEND
//     * XAPPENDED emailid threadid octets state                   one for each, in their order
// Each of the first six has [XSTATE n] as the code of its tagged OK, XUPDATE [XSTATE n before]: the state
// before it, which is n when it changed nothing.
//
//   filter     = "(" ("AND" / "OR" / "NOT") 1*(SP filter) ")" / "(" condition SP operand ")"
//                INMAILBOX id, INMAILBOXOTHERTHAN (id ...), BEFORE and AFTER milliseconds, MINSIZE n,
//                MAXSIZE n, ALLINTHREAD, SOMEINTHREAD, NONEINTHREAD, HASKEYWORD, NOTKEYWORD flag,
//                HASATTACHMENT 0 or 1, TEXT, FROM, TO, CC, BCC, SUBJECT, BODY text, HEADER name text
//   comparator = ["REVERSE" SP] (RECEIVEDAT / SENTAT / SIZE / FROM / TO / SUBJECT /
//                (HASKEYWORD / ALLINTHREAD / SOMEINTHREAD) SP flag)
//   update     = "(" id SP "DESTROY" ")" / "(" id [SP "FLAGS" SP flags] [SP "+FLAGS" SP flags]
//                [SP "-FLAGS" SP flags] [SP "MAILBOXES" SP ids] [SP "+MAILBOXES" SP ids]
//                [SP "-MAILBOXES" SP ids] ")"
// Ids, names of owners and texts are astrings. Texts are UTF-8. Whoever prints a long list breaks it: an id
// is a literal where the line would grow longer than servers take.

namespace posthorn::imap::jmap {

/// An EMAILID, THREADID or MAILBOXID; never empty.
using Id = std::string;
/// A MODSEQ of the account.
using State = std::uint64_t;

/// What RFC 8620 1.2 lets an id be made of, and RFC 8474 an object id.
bool isId(std::string_view text);

enum class DataType : std::uint8_t { Email, Thread, Mailbox };

struct MailboxesArgs {
  std::string owner;  ///< empty: the logged-in account; so in all of these
  bool operator==(const MailboxesArgs&) const = default;
};

/// The annotation of a mailbox (RFC 5464) in which each user has the order that he has given to it: a decimal
/// number below 2^31.
inline constexpr std::string_view kSortOrderEntry = "/private/vendor/posthorn/sortorder";

/// All that RFC 8621 2 asks of a mailbox; those without the right `l` are not told.
struct MailboxData {
  Id id;
  MailboxName name;                      ///< the whole one, levels separated by '/'
  std::vector<std::string> specialUses;  ///< "\Sent" and its like
  std::string rights;                    ///< of this user: "lrswipkxtea" or a part of it (RFC 4314)
  bool subscribed = false;  ///< by this user, also of another's mailbox; that is no part of its owner's state
  bool shared = false;      ///< its ACL names others than the owner
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;         ///< without \Seen, drafts left out (RFC 8621 2, unreadEmails)
  std::uint32_t threads = 0;        ///< with at least one message here
  std::uint32_t unseenThreads = 0;  ///< as RFC 8621 2 says of unreadThreads
  std::uint64_t octets = 0;
  std::uint32_t uidValidity = 0;
  std::optional<std::uint32_t> sortOrder;  ///< that this user has set (kSortOrderEntry)
  bool operator==(const MailboxData&) const = default;
};

struct ChangesArgs {
  std::string owner;
  DataType type = DataType::Email;
  State since = 0;
  Id after;                ///< as ChangesData told it with that state; empty: nothing
  std::uint32_t most = 0;  ///< ids in all; 0: no bound
  bool operator==(const ChangesArgs&) const = default;
};

/// An id is in one list only: what came and went in between is in none, what came and changed is created.
/// Too old a state is NO [XCANNOTCALCULATE].
struct ChangesData {
  DataType type = DataType::Email;
  State oldState = 0;
  State newState = 0;  ///< where to go on; an intermediate one when `more`
  bool more = false;
  bool countsOnly = false;  ///< Mailbox: of the updated ones nothing but numbers of messages changed
  Id after;                 ///< one commit did more than MAX: where to go on in it, beside newState
  std::vector<Id> created;
  std::vector<Id> updated;
  std::vector<Id> destroyed;
  bool operator==(const ChangesData&) const = default;
};

/// RFC 8621 4.4.1 as a tree; nesting and number of nodes are bounded by limits.h.
struct Filter {
  enum class Kind : std::uint8_t {
    And,  ///< `parts`, one or more; so Or and Not ("none of")
    Or,
    Not,
    InMailbox,           ///< `ids`: one
    InMailboxOtherThan,  ///< `ids`
    Before,              ///< received, `time`
    After,               ///< received at `time` or later
    MinSize,             ///< `number`
    MaxSize,             ///< under `number`
    AllInThread,         ///< every message of the thread has keyword `text`
    SomeInThread,        ///< at least one has
    NoneInThread,        ///< none has
    HasKeyword,          ///< `text`, as IMAP spells it ("\\Seen"); JMAP's "$seen" and its like mean the same
    NotKeyword,          ///< `text`
    HasAttachment,       ///< `number` 1: has one; 0: has none
    Text,                ///< `text` in From, To, Cc, Bcc, Subject or the body
    From,
    To,
    Cc,
    Bcc,
    Subject,
    Body,
    Header,  ///< field `name`; with a `text` that it holds unless empty
  };
  Kind kind = Kind::And;
  std::vector<Filter> parts;
  std::vector<Id> ids;
  std::string name;
  std::string text;       ///< UTF-8
  std::int64_t time = 0;  ///< milliseconds since 1970
  std::uint64_t number = 0;
  bool operator==(const Filter&) const = default;
};

/// RFC 8621 4.4.2.
struct Comparator {
  enum class Key : std::uint8_t {
    ReceivedAt,
    SentAt,
    Size,
    From,
    To,
    Subject,
    HasKeyword,
    AllInThread,
    SomeInThread
  };
  Key key = Key::ReceivedAt;
  bool ascending = true;
  std::string keyword;  ///< the last three
  bool operator==(const Comparator&) const = default;
};

/// Equal messages stand in the order of their ids, so that every answer has one order.
struct QueryArgs {
  std::string owner;
  std::optional<Filter> filter;
  std::vector<Comparator> sort;
  bool collapseThreads = false;
  std::int64_t position = 0;  ///< RFC 8620 5.5; below 0 counts from the end
  std::optional<Id> anchor;   ///< takes the place of `position`; NO [XANCHORNOTFOUND]
  std::int64_t anchorOffset = 0;
  std::optional<std::uint32_t> limit;
  bool total = false;
  bool operator==(const QueryArgs&) const = default;
};

struct QueryData {
  State state = 0;
  std::uint64_t position = 0;  ///< of the first id
  std::optional<std::uint64_t> total;
  std::vector<Id> ids;
  bool operator==(const QueryData&) const = default;
};

struct ThreadsArgs {
  std::string owner;
  std::vector<Id> ids;
  bool operator==(const ThreadsArgs&) const = default;
};

struct ThreadInfo {
  Id id;
  std::vector<Id> emails;  ///< by INTERNALDATE, then id; a message in several mailboxes once
  bool operator==(const ThreadInfo&) const = default;
};

/// Attributes are those of FETCH, but not UID, FLAGS, MODSEQ and SAVEDATE, which belong to one copy of a
/// message in one mailbox. None sets \Seen.
struct MessagesArgs {
  std::string owner;
  std::vector<Id> ids;
  std::vector<FetchAttribute> attributes;  ///< may be empty
  bool operator==(const MessagesArgs&) const = default;
};
/// Its response is MessageData in response.h: there, FETCH items are values.

/// One message's change. Flags are spelled as IMAP spells them ("\Seen", "$Forwarded").
struct Update {
  Id id;
  bool destroy = false;  ///< out of every mailbox; nothing else counts then
  std::optional<std::vector<std::string>>
      setFlags;  ///< all flags of it; `addFlags` and `dropFlags` are empty then
  std::vector<std::string> addFlags;
  std::vector<std::string> dropFlags;
  std::optional<std::vector<Id>> setMailboxes;  ///< all mailboxes of it, one at least
  std::vector<Id> addMailboxes;
  std::vector<Id> dropMailboxes;
  bool operator==(const Update&) const = default;
};

/// All in one commit. With `ifState` nothing happens unless the account is in that state: NO
/// [XSTATEMISMATCH]. Without updates it only compares.
struct UpdateArgs {
  std::string owner;
  std::optional<State> ifState;
  std::vector<Update> updates;
  bool operator==(const UpdateArgs&) const = default;
};

/// One message's outcome; a message that is refused does not stop the others.
struct UpdateData {
  enum class Outcome : std::uint8_t {
    Updated,
    Destroyed,
    NotFound,
    Forbidden,  ///< a right is missing
    NoMailbox,  ///< `mailboxes`: these ids are none
    TooManyKeywords,
    TooManyMailboxes,
    NoMailboxLeft,  ///< a message must be in one
    OverQuota,
  };
  Id id;
  Outcome outcome = Outcome::Updated;
  std::vector<Id> mailboxes;
  bool operator==(const UpdateData&) const = default;
};

/// Behind the last message of an APPEND of such a session: what the new ones are called.
struct AppendedData {
  Id emailId;
  Id threadId;
  std::uint64_t octets = 0;
  State state = 0;  ///< that the APPEND made, of the one right before it
  bool operator==(const AppendedData&) const = default;
};

}  // namespace posthorn::imap::jmap
