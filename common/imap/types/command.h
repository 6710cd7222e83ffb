// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/imap/types/acl.h"
#include "common/imap/types/command_name.h"
#include "common/imap/types/date.h"
#include "common/imap/types/fetch.h"
#include "common/imap/types/flags.h"
#include "common/imap/types/jmap.h"
#include "common/imap/types/mailbox_args.h"
#include "common/imap/types/mailbox_name.h"
#include "common/imap/types/metadata.h"
#include "common/imap/types/quota.h"
#include "common/imap/types/search.h"
#include "common/imap/types/sequence_set.h"

// A client's command as a value. Whatever is in one of these has passed the grammar and limits.h; whether it
// makes sense now (state, sequence numbers in use, mailbox there) is the server's to say.

namespace posthorn::imap {

/// CAPABILITY, CHECK, CLOSE, GETJMAPACCESS, IDLE, LOGOUT, NAMESPACE, NOOP, STARTTLS, UNAUTHENTICATE,
/// UNSELECT.
struct NoArgs {
  bool operator==(const NoArgs&) const = default;
};

/// APPEND up to its first message; the messages come as AppendMessage (RFC 3502).
struct AppendArgs {
  MailboxName mailbox;
  bool operator==(const AppendArgs&) const = default;
};

/// What goes with one message of APPEND.
struct AppendMessage {
  Flags flags;
  std::optional<DateTime> internalDate;
  bool binary = false;  ///< literal8 ~{n}: may hold NUL (RFC 3516)
  bool utf8 = false;    ///< UTF8 (~{n}): headers in UTF-8 (RFC 6855 §4)
  bool operator==(const AppendMessage&) const = default;
};

struct AuthenticateArgs {
  std::string mechanism;               ///< in capitals
  std::optional<std::string> initial;  ///< RFC 4959, decoded from base64; "=" is an empty one
  bool operator==(const AuthenticateArgs&) const = default;
};

struct LoginArgs {
  std::string user;
  std::string password;
  bool operator==(const LoginArgs&) const = default;
};

/// COMPRESS (RFC 4978).
struct CompressArgs {
  std::string algorithm;  ///< in capitals
  bool operator==(const CompressArgs&) const = default;
};

/// COPY and MOVE.
struct CopyArgs {
  SequenceSet set;
  MailboxName mailbox;
  bool operator==(const CopyArgs&) const = default;
};

/// RFC 5161.
struct EnableArgs {
  std::vector<std::string> capabilities;  ///< in capitals; at least one
  bool operator==(const EnableArgs&) const = default;
};

/// EXPUNGE has no UIDs, UID EXPUNGE (RFC 4315) always.
struct ExpungeArgs {
  std::optional<SequenceSet> uids;
  bool operator==(const ExpungeArgs&) const = default;
};

/// RFC 2971; NIL is no fields. Field names in the client's spelling, none twice.
struct IdArgs {
  std::vector<std::pair<std::string, std::optional<std::string>>> fields;
  bool operator==(const IdArgs&) const = default;
};

/// PROXYAUTH: an administrator goes on as another user.
struct ProxyAuthArgs {
  std::string user;
  bool operator==(const ProxyAuthArgs&) const = default;
};

struct StoreArgs {
  enum class Action : std::uint8_t { Replace, Add, Remove };
  SequenceSet set;
  Action action = Action::Replace;
  bool silent = false;
  Flags flags;
  std::optional<std::uint64_t> unchangedSince;  ///< RFC 7162 §3.1.3
  bool operator==(const StoreArgs&) const = default;
};

using Args = std::variant<NoArgs, AppendArgs, AuthenticateArgs, CompressArgs, CopyArgs, CreateArgs,
                          EnableArgs, ExpungeArgs, FetchArgs, GetMetadataArgs, IdArgs, IdentifierArgs,
                          ListArgs, LoginArgs, MailboxArgs, ProxyAuthArgs, QuotaArgs, RenameArgs, SearchArgs,
                          SelectArgs, SetAclArgs, SetMetadataArgs, SetQuotaArgs, SortArgs, StatusArgs,
                          StoreArgs, SwapMetadataArgs, ThreadArgs, jmap::ChangesArgs, jmap::MailboxesArgs,
                          jmap::MessagesArgs, jmap::QueryArgs, jmap::ThreadsArgs, jmap::UpdateArgs>;

struct Command {
  std::string tag;
  CommandName name = CommandName::Noop;
  bool uid = false;
  Args args;  ///< the alternative that belongs to `name`, always
  bool operator==(const Command&) const = default;
};

}  // namespace posthorn::imap
