// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/imap/types/acl.h"
#include "common/imap/types/date.h"
#include "common/imap/types/fetch.h"
#include "common/imap/types/flags.h"
#include "common/imap/types/jmap.h"
#include "common/imap/types/mailbox_args.h"
#include "common/imap/types/mailbox_name.h"
#include "common/imap/types/metadata.h"
#include "common/imap/types/quota.h"
#include "common/imap/types/sequence_set.h"

// A server's responses as values: the printer takes them, the client's parser makes them.

namespace posthorn::imap {

/// What stands in brackets before the text of a status response.
struct ResponseCode {
  enum class Kind : std::uint8_t {
    None,
    Alert,
    AlreadyExists,
    AppendLimit,  ///< `number`
    AppendUid,    ///< `number` is UIDVALIDITY, `target` the UIDs
    AuthenticationFailed,
    AuthorizationFailed,
    BadCharset,  ///< `words`: charsets that would do
    Cannot,
    Capability,  ///< `words`
    ClientBug,
    Closed,
    CompressionActive,
    ContactAdmin,
    CopyUid,  ///< `number` is UIDVALIDITY, `source` and `target` the UIDs
    Corruption,
    Expired,
    ExpungeIssued,
    HasChildren,
    HighestModseq,  ///< `number`
    InUse,
    Limit,
    MailboxId,  ///< `words`: the id
    Metadata,   ///< `words`: LONGENTRIES and a number, MAXSIZE and a number, TOOMANY, NOPRIVATE
    Modified,   ///< `target`: numbers or UIDs
    NoModseq,
    NonExistent,
    NoPerm,
    NotSaved,
    OverQuota,
    Parse,
    PermanentFlags,  ///< `words`: flags, and "\*"
    PrivacyRequired,
    ReadOnly,
    ReadWrite,
    ServerBug,
    TooBig,
    TryCreate,
    UidNext,  ///< `number`
    UidNotSticky,
    UidValidity,  ///< `number`
    Unavailable,
    UnknownCte,
    Unseen,           ///< `number`
    UseAttr,          ///< RFC 6154
    XAnchorNotFound,  ///< X-POSTHORN-JMAP (jmap.h), as the next three
    XCannotCalculate,
    XState,  ///< `number`; `before` when XUPDATE says it
    XStateMismatch,
    Other,  ///< `words`: the atom, and all that follows it as one
  };
  Kind kind = Kind::None;
  std::uint64_t number = 0;
  std::optional<std::uint64_t> before;
  SequenceSet source;
  SequenceSet target;
  std::vector<std::string> words;
  bool operator==(const ResponseCode&) const = default;
};

enum class Condition : std::uint8_t { Ok, No, Bad, PreAuth, Bye };

struct StatusResponse {
  std::string tag;  ///< "*" when untagged
  Condition condition = Condition::Ok;
  ResponseCode code;
  std::string text;
  bool operator==(const StatusResponse&) const = default;
};

/// `+`: text, or base64 within AUTHENTICATE.
struct ContinueResponse {
  std::string text;
  bool operator==(const ContinueResponse&) const = default;
};

/// CAPABILITY; with `enabled` ENABLED (RFC 5161).
struct CapabilityData {
  bool enabled = false;
  std::vector<std::string> names;
  bool operator==(const CapabilityData&) const = default;
};

/// FLAGS: the flags of the mailbox, as they were sent.
struct FlagsData {
  std::vector<std::string> flags;
  bool operator==(const FlagsData&) const = default;
};

/// LIST and LSUB.
struct ListData {
  bool lsub = false;
  std::vector<std::string> attributes;  ///< "\HasChildren" and its like
  std::optional<char> delimiter;
  MailboxName mailbox;
  std::vector<std::string> childInfo;  ///< RFC 5258: "SUBSCRIBED"; empty for no CHILDINFO
  std::optional<std::string> oldName;  ///< RFC 9051 §6.3.9.7, decoded
  bool operator==(const ListData&) const = default;
};

/// STATUS. What is not there was not told.
struct StatusData {
  MailboxName mailbox;
  std::vector<std::pair<StatusItem, std::uint64_t>> numbers;  ///< without MailboxId
  std::string mailboxId;
  bool noAppendLimit = false;  ///< APPENDLIMIT NIL
  bool operator==(const StatusData&) const = default;
};

/// SEARCH and SORT.
struct SearchData {
  bool sorted = false;
  std::vector<std::uint32_t> numbers;
  std::optional<std::uint64_t> modseq;
  bool operator==(const SearchData&) const = default;
};

/// ESEARCH (RFC 4731).
struct EsearchData {
  std::string tag;  ///< of the command; empty when not told
  bool uid = false;
  std::optional<std::uint32_t> min;
  std::optional<std::uint32_t> max;
  std::optional<std::uint64_t> count;
  std::optional<SequenceSet> all;
  std::optional<std::uint64_t> modseq;
  bool operator==(const EsearchData&) const = default;
};

/// THREAD: a message and how many ancestors it has. A missing parent of several is number 0.
struct ThreadNode {
  std::uint32_t number = 0;
  std::uint32_t depth = 0;
  bool operator==(const ThreadNode&) const = default;
};
/// All threads one after the other, each message before its answers: a list and no tree, since threads may be
/// as deep as a mailbox is long.
struct ThreadData {
  std::vector<ThreadNode> nodes;
  bool operator==(const ThreadData&) const = default;
};

/// NAMESPACE (RFC 2342); extensions are read and dropped.
struct NamespaceData {
  struct Entry {
    std::string prefix;  ///< decoded
    std::optional<char> delimiter;
    bool operator==(const Entry&) const = default;
  };
  std::vector<Entry> personal;  ///< empty for NIL, as the other two
  std::vector<Entry> others;
  std::vector<Entry> shared;
  bool operator==(const NamespaceData&) const = default;
};

/// ID (RFC 2971).
struct IdData {
  std::vector<std::pair<std::string, std::optional<std::string>>> fields;
  bool operator==(const IdData&) const = default;
};

/// EXISTS, RECENT, EXPUNGE.
struct NumberData {
  enum class Kind : std::uint8_t { Exists, Recent, Expunge };
  Kind kind = Kind::Exists;
  std::uint32_t number = 0;
  bool operator==(const NumberData&) const = default;
};

/// VANISHED (RFC 7162 §3.2.10).
struct VanishedData {
  bool earlier = false;
  SequenceSet uids;
  bool operator==(const VanishedData&) const = default;
};

/// A parenthesised value: ENVELOPE and BODYSTRUCTURE as they come.
struct Value {
  enum class Kind : std::uint8_t { Nil, Text, Number, List };
  Kind kind = Kind::Nil;
  std::string text;
  std::uint64_t number = 0;
  std::vector<Value> items;
  bool operator==(const Value&) const = default;
};

/// One item of a FETCH response.
struct FetchItem {
  FetchAttribute attribute;        ///< which one; `peek` and `lazy` unset, `partial` only its offset
  std::uint64_t number = 0;        ///< Uid, Rfc822Size, Modseq, BinarySize
  std::vector<std::string> flags;  ///< Flags, as sent
  DateTime date;                   ///< InternalDate, SaveDate
  std::optional<std::string>
      text;          ///< BodySection, Rfc822..., Binary, Preview, EmailId, ThreadId; NIL is nothing
  Value value;       ///< Envelope, Body, BodyStructure
  bool nil = false;  ///< SaveDate NIL
  bool operator==(const FetchItem&) const = default;
};
struct FetchData {
  std::uint32_t number = 0;
  std::vector<FetchItem> items;
  bool operator==(const FetchData&) const = default;
};

/// XMESSAGE of X-POSTHORN-JMAP (jmap.h): a message wherever it lies.
struct MessageData {
  jmap::Id id;
  jmap::Id threadId;
  std::vector<jmap::Id> mailboxIds;  ///< of those that this user may see
  std::vector<std::string> flags;    ///< those of all copies but \Deleted, as sent
  std::uint64_t octets = 0;
  DateTime internalDate;
  std::vector<FetchItem> items;
  bool operator==(const MessageData&) const = default;
};

/// JMAPACCESS (RFC 9698).
struct JmapAccessData {
  std::string url;  ///< of the JMAP server's session resource
  bool operator==(const JmapAccessData&) const = default;
};

/// An untagged response that the grammar does not know: its words, literals in place.
struct OtherData {
  std::string text;
  bool operator==(const OtherData&) const = default;
};

using Response =
    std::variant<StatusResponse, ContinueResponse, CapabilityData, FlagsData, ListData, StatusData,
                 SearchData, EsearchData, ThreadData, NamespaceData, IdData, QuotaData, QuotaRootData,
                 AclData, ListRightsData, MyRightsData, MetadataData, JmapAccessData, NumberData,
                 VanishedData, FetchData, MessageData, jmap::AppendedData, jmap::ChangesData,
                 jmap::MailboxData, jmap::QueryData, jmap::ThreadInfo, jmap::UpdateData, OtherData>;

}  // namespace posthorn::imap
