// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/imap/types/jmap.h"
#include "common/imap/types/response.h"

// What JMAP asks of the IMAP server that holds an account's mail. Two answer: ours (posthorn_host, by
// X-POSTHORN-JMAP) and any other (standard_host, by plain IMAP, saying what it cannot do).

namespace posthorn::mshttpd::backend {

using imap::jmap::Id;

/// A position in an account's history. Opaque: a MODSEQ of ours, something else elsewhere.
using State = std::string;

/// What a server can do; what is missing is told to clients.
struct Abilities {
  bool changes = false;    ///< changes(); else cannotCalculateChanges
  bool stableIds = false;  ///< ids survive a move (OBJECTID)
  bool threads = false;    ///< else every message is its own
  bool sharing = false;    ///< ACL
  bool metadata = false;
  bool atomicMetadata = false;  ///< swapMetadata() is exact
  bool specialUse = false;      ///< CREATE-SPECIAL-USE
  bool quota = false;
  bool atomicUpdate = false;  ///< ifInState is exact
  bool binary = false;        ///< decoded() saves traffic
};

/// In the account: who may see its mail.
struct Grant {
  std::string who;     ///< a login name, "anyone"
  std::string rights;  ///< "lrswipkxtea" or a part of it (RFC 4314)
  bool operator==(const Grant&) const = default;
};

struct MailboxList {
  State state;
  std::vector<imap::jmap::MailboxData> mailboxes;  ///< parents before children
};

struct Changes {
  State oldState;
  State newState;
  bool more = false;
  bool countsOnly = false;  ///< of Mailbox
  std::vector<Id> created;
  std::vector<Id> updated;
  std::vector<Id> destroyed;
};

struct Found {
  State state;
  std::uint64_t position = 0;
  std::optional<std::uint64_t> total;
  std::vector<Id> ids;
};

struct Threads {
  State state;
  std::vector<imap::jmap::ThreadInfo> threads;
  std::vector<Id> unknown;
};

/// A message with the FETCH items that were asked for.
struct Message {
  Id id;
  Id threadId;
  std::vector<Id> mailboxIds;
  std::vector<std::string> flags;  ///< IMAP's spelling; those of all copies, \Recent and \Deleted left out
  std::uint64_t octets = 0;
  imap::DateTime internalDate;
  std::vector<imap::FetchItem> items;  ///< in the order in which they were asked for
};
struct Messages {
  State state;
  std::vector<Message> messages;  ///< in the order of the ids
  std::vector<Id> unknown;
};

struct UpdateResult {
  State oldState;
  State newState;
  std::vector<imap::jmap::UpdateData> outcomes;  ///< one for each update, in their order
};

/// Octets in pieces, as the caller can take them; empty at the end.
using Source = std::function<Result<Bytes>()>;

/// A message to append.
struct NewMessage {
  Source text;
  std::uint64_t octets = 0;
  std::vector<Id> mailboxIds;  ///< one at least
  std::vector<std::string> flags;
  std::optional<imap::DateTime> receivedAt;
  bool binary = false;  ///< may hold NUL
};
struct Appended {
  State before;  ///< of the account, right before; empty where the server does not tell
  State state;
  Id id;
  Id threadId;
  std::uint64_t octets = 0;
};

struct QuotaRow {
  std::string root;
  bool storage = true;  ///< octets; else messages
  std::uint64_t used = 0;
  std::uint64_t limit = 0;
};

struct NewMailbox {
  std::string name;        ///< whole, '/' between levels
  std::string specialUse;  ///< "\Sent"; empty: none
  bool subscribed = true;
};

/// One account for one request. Job thread; every call blocks, within the limits of its connection. Errors:
/// Unavailable and Timeout (the server is gone: say "try again"), Denied, NotFound, Exists, Conflict
/// (ifState), OverQuota, Limit, TooBig, Unsupported (this server cannot), Invalid (an anchor that is not
/// there is NotFound).
class MailHost {
 public:
  virtual ~MailHost() = default;

  [[nodiscard]] virtual const Abilities& abilities() const = 0;
  virtual Result<State> state() = 0;

  virtual Result<MailboxList> mailboxes() = 0;
  /// `most` 0: no bound. Unsupported or Conflict: cannot be calculated.
  virtual Result<Changes> changes(imap::jmap::DataType type, const State& since, std::uint32_t most) = 0;
  virtual Result<Found> query(const imap::jmap::QueryArgs& query) = 0;
  virtual Result<Threads> threads(std::span<const Id> ids) = 0;
  virtual Result<Messages> messages(std::span<const Id> ids, std::span<const imap::FetchAttribute> items) = 0;

  /// Text of a part in windows, decoded when `decoded` (transfer encoding only). `section` as in BODY[...].
  virtual Result<Source> text(const Id& email, const imap::Section& section, bool decoded) = 0;

  /// With `ifState` all of it is done in one commit or none (where abilities().atomicUpdate is set):
  /// Conflict, or Limit when it is too much for one. Without, it may be done in parts; when somebody else
  /// changes the account in between, `oldState` is the state behind that.
  virtual Result<UpdateResult> update(const std::optional<State>& ifState,
                                      std::span<const imap::jmap::Update> updates) = 0;
  virtual Result<Appended> append(NewMessage message) = 0;

  virtual Result<Id> createMailbox(const NewMailbox& mailbox) = 0;
  virtual Status renameMailbox(const std::string& from, const std::string& to) = 0;
  /// Conflict when it is not empty and `withMessages` is not set.
  virtual Status removeMailbox(const std::string& name, bool withMessages) = 0;
  virtual Status subscribe(const std::string& name, bool on) = 0;
  virtual Status setSpecialUse(const std::string& name, const std::string& use) = 0;
  /// Of this user; nothing: as without one. Unsupported where mailboxes() could not tell it.
  virtual Status setSortOrder(const std::string& name, std::optional<std::uint32_t> order) = 0;

  virtual Result<std::vector<Grant>> grants(const std::string& mailbox) = 0;
  /// No rights: takes the grant away.
  virtual Status grant(const std::string& mailbox, const Grant& grant) = 0;

  /// Server entries of METADATA, "/private/vendor/posthorn/..."; nothing when there is none.
  virtual Result<std::optional<std::string>> metadata(const std::string& entry) = 0;
  virtual Status setMetadata(const std::string& entry, const std::optional<std::string>& value) = 0;
  /// The same while the entry has the value `before`, else Conflict: of several writers who have read the
  /// same value one wins. Where abilities().atomicMetadata is not set the value is read once more right
  /// before it is written, and what comes in that moment is lost.
  virtual Status swapMetadata(const std::string& entry, const std::optional<std::string>& before,
                              const std::optional<std::string>& after) = 0;

  virtual Result<std::vector<QuotaRow>> quota() = 0;

  /// From now on nothing is held between two calls, nor between windows of a Source: what follows may take as
  /// long as a client likes.
  virtual void holdNothing() {}
};

/// Other people's accounts of which this user sees a mailbox.
struct SharedAccount {
  std::string owner;  ///< login name
};

/// Opens accounts for the jobs of a worker. Any thread.
class MailHosts {
 public:
  virtual ~MailHosts() = default;
  /// `user`: canonical id of who asks; `owner`: whose account, the same or another's. `client`: his address,
  /// for the server's log. `host` empty: as the directory says.
  virtual Result<std::unique_ptr<MailHost>> open(const std::string& user, const std::string& owner,
                                                 const std::string& client) = 0;
  /// Whether this user's mail can be had at all, without asking a server: a login says so instead of an empty
  /// page later. The error's client text is for the user.
  virtual Status check(const std::string& user) = 0;
  virtual Result<std::vector<SharedAccount>> sharedWith(const std::string& user,
                                                        const std::string& client) = 0;
};

}  // namespace posthorn::mshttpd::backend
