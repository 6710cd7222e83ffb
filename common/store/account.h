// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "common/store/engine/engine.h"
#include "common/store/message_writer.h"
#include "common/store/quota_policy.h"
#include "common/store/types.h"

namespace posthorn::events {
class Notifier;
}

namespace posthorn::store::objects {
class Memory;
}

namespace posthorn::store {

class MailboxHandle;
class Trail;
class Uses;

/// A folder that every new account gets.
struct DefaultFolder {
  std::string name;
  SpecialUse specialUse = 0;
};

/// How much an account may have of annotations, all mailboxes and readers together.
struct AnnotationLimits {
  std::size_t size = 60UL * 1024;  ///< octets of one value
  std::size_t count = 1000;        ///< entries
  std::size_t total =
      512UL * 1024;  ///< octets of names and values; below kMaxBatch, so that RENAME INBOX fits
};

/// What the operator decides about accounts (store.*).
struct Options {
  QuotaRules quota;
  std::uint64_t maxMessageSize = std::uint64_t{100} * 1024 * 1024;
  Sync flagSync = Sync::Durable;  ///< of changes of flags; everything else is always durable
  std::vector<DefaultFolder> defaultFolders;
  AnnotationLimits annotations;
  std::string lockFile;  ///< of maildrop locks; empty: none can be taken
};

/// One name of a mailbox list.
struct MailboxEntry {
  std::string name;
  MailboxStatus status;
  bool exists = true;  ///< false: only subscribed
  bool subscribed = false;
};

/// One change of the mailbox list (RFC 5465, JMAP).
struct ListChange {
  enum class Kind : std::uint8_t { Created = 1, Renamed = 2, Deleted = 3, Subscribed = 4, Changed = 5 };
  Modseq modseq = 0;
  MailboxNo mailbox = 0;
  Kind kind = Kind::Created;
  Id128 mailboxId;
};

struct AppendResult {
  std::uint32_t uidValidity = 0;
  std::vector<Uid> uids;  ///< in the order of the messages
  Modseq modseq = 0;
};

/// One open account; a cheap value. All calls block. Mailbox names are UTF-8 with '/' between levels, INBOX
/// in any case; they are normalised (NFC) here and Invalid when they cannot be names.
class AccountHandle {
 public:
  struct Shared;
  explicit AccountHandle(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)) {}

  [[nodiscard]] const std::string& id() const;
  [[nodiscard]] const Quota& quota() const;
  [[nodiscard]] const Options& options() const;
  [[nodiscard]] Domain& domain() const;
  [[nodiscard]] const Clock& clock() const;
  /// The next upkeep of this process looks at the account. Every commit says so by itself.
  void noteUse() const;

  /// Whom rich events are told to. Null: nobody.
  [[nodiscard]] const events::Notifier* notifier() const;
  [[nodiscard]] Origin origin() const;
  /// The same account, changed in the name of somebody else than its owner: rich events tell who it was.
  [[nodiscard]] AccountHandle actingAs(std::string user) const;
  /// Empty: the owner.
  [[nodiscard]] const std::string& actor() const;

  /// What this process remembers of its latest commits. Null: nothing.
  [[nodiscard]] Trail* trail() const;
  /// What this process remembers of questions about the whole account. Null: nothing.
  [[nodiscard]] const objects::Memory* memory() const;

  /// Tells the sessions in all processes that the account was changed, durably. Every commit does so by
  /// itself.
  void announce() const;

  /// The account's state: the highest MODSEQ given to anything in it.
  [[nodiscard]] Result<Modseq> modseq() const;
  [[nodiscard]] Result<QuotaUse> used() const;
  /// Errc::OverQuota when `more` would pass the limits now; append() decides for good. A refusal is
  /// published.
  [[nodiscard]] Status roomFor(QuotaUse more) const;

  [[nodiscard]] Result<MailboxHandle> mailbox(View name) const;
  /// Every mailbox and every subscription, in the order of their names, INBOX first.
  [[nodiscard]] Result<std::vector<MailboxEntry>> list() const;
  /// Changes after `since`, oldest first; Conflict when they are no longer all known.
  [[nodiscard]] Result<std::vector<ListChange>> listChanges(Modseq since) const;

  /// What deliver() would say of a message of that size now, before it is there. A refusal is remembered: the
  /// grace period begins with it. Without one nothing is written.
  [[nodiscard]] Result<QuotaAnswer> admit(QuotaUse more) const;
  /// What the account remembers of its quota; empty when it was never near it.
  [[nodiscard]] Result<QuotaState> quotaState() const;

  /// Makes the mailbox and its missing parents. Exists, Limit, Invalid ('%', '*', control characters, below
  /// INBOX).
  Result<MailboxStatus> create(View name, SpecialUse use = 0);
  /// NotFound; Denied for INBOX. Mailboxes below it stay. The space of its messages is given back in further
  /// commits, which upkeep finishes when this one is interrupted.
  Status remove(View name);
  /// Takes mailboxes below it along. Exists, NotFound, Invalid (into itself). INBOX: its messages go to the
  /// new mailbox, an empty INBOX stays (RFC 9051 6.3.6), mailboxes elsewhere are not touched.
  Status rename(View from, View to);
  /// A name may be subscribed without a mailbox of it.
  Status subscribe(View name, bool on);
  Status setSpecialUse(View name, SpecialUse use);
  /// Finishes removals that were interrupted. True when there was something to do.
  Result<bool> finishRemovals();

  /// A message to be written and appended. `sizeHint` in octets, 0 when unknown.
  Result<MessageWriter> message(std::uint64_t sizeHint = 0) const;
  /// The places of all copies of a message in this account.
  struct Place {
    MailboxNo mailbox = 0;
    Uid uid = 0;
    auto operator<=>(const Place&) const = default;  // NOLINT(modernize-use-nullptr): the tool errs
  };
  [[nodiscard]] Result<std::vector<Place>> find(const Id128& emailId) const;
  [[nodiscard]] Result<std::vector<Place>> thread(std::uint64_t threadId) const;

 private:
  std::shared_ptr<const Shared> shared_;
};

struct AccountHandle::Shared {
  std::string id;
  std::shared_ptr<Domain> domain;
  Quota quota;
  std::shared_ptr<const Options> options;
  const Clock* clock = nullptr;
  std::string partition;                             ///< as it was asked for
  std::shared_ptr<Uses> uses;                        ///< null: nobody keeps house here
  std::shared_ptr<Trail> trail;                      ///< null: nobody remembers
  std::shared_ptr<const objects::Memory> memory;     ///< null: nobody remembers
  std::shared_ptr<const events::Notifier> notifier;  ///< null: nobody is told of changes
  Origin origin = Origin::Client;
  std::string actor = {};  ///< in whose name it is changed; empty: the owner's
};

}  // namespace posthorn::store
