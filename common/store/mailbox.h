// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/quota_policy.h"
#include "common/store/types.h"

namespace posthorn::store {

struct Reader;

/// STORE (RFC 9051 6.4.6, RFC 7162 3.1.3).
struct FlagChange {
  enum class Mode : std::uint8_t { Add, Remove, Replace };
  Mode mode = Mode::Add;
  SystemFlags flags = 0;
  std::vector<std::string> keywords;
  std::optional<Modseq> unchangedSince = {};
  std::optional<Modseq> known = {};  ///< the caller has seen all changes up to here: asks for `unseen`
};

struct FlagResult {
  std::vector<Uid> matched;    ///< exist and were not refused; ascending
  std::vector<Uid> changed;    ///< of these: really have other flags now
  std::vector<Uid> unseen;     ///< of the changed ones: had been changed after `known` already
  std::vector<Uid> modified;   ///< refused by UNCHANGEDSINCE
  std::vector<Modseq> stamps;  ///< what the changed ones bear: one for each commit that it took
  Modseq modseq = 0;           ///< the mailbox's HIGHESTMODSEQ afterwards
};

struct ExpungeResult {
  std::vector<Uid> gone;  ///< ascending
  Modseq modseq = 0;
};

/// COPYUID's pairs: source[i] became target[i].
struct CopyResult {
  std::uint32_t uidValidity = 0;
  std::vector<Uid> source;
  std::vector<Uid> target;
  Modseq modseq = 0;
};

/// Messages in UID order and where to go on.
struct MessageWindow {
  std::vector<MessageRow> rows;
  Uid next = 0;  ///< the first UID of the next window, 0 at the end
  Modseq modseq = 0;
};
inline constexpr std::size_t kMaxWindow = 1024;

/// A mailbox as SELECT shows it, all of one snapshot.
struct MailboxOpening {
  MailboxStatus status;
  std::vector<std::string> keywords;  ///< names by bit; an empty name is a free place
  std::vector<UidRange> uids;         ///< of all messages, ascending, ranges that do not touch
  Uid firstUnseen = 0;                ///< 0: every message is seen
  Uid recentUid = 0;                  ///< UIDs up to here are no longer \Recent
};

/// A message of a window, and where its text lies: it stays readable for a while when it is expunged.
struct FetchRow {
  MessageRow message;  ///< without facts when only flags were asked for
  BlobRef blob;
  std::uint32_t bodyOffset = 0;
};

enum class Columns : std::uint8_t { Flags, Facts };

struct FetchWindow {
  std::vector<FetchRow> rows;
  Uid next = 0;  ///< the first UID that was not looked at, 0 at the end
  Modseq modseq = 0;
};

struct Tombstone {
  Uid uid = 0;
  Id128 emailId;
  Modseq modseq = 0;
  bool operator==(const Tombstone&) const = default;
};

/// What happened in a mailbox after a MODSEQ.
struct Changes {
  struct Row {
    Uid uid = 0;
    Modseq modseq = 0;
    SystemFlags flags = 0;
    std::uint64_t keywords = 0;
    bool operator==(const Row&) const = default;
  };
  std::vector<Row> changed;     ///< new ones too
  std::vector<Tombstone> gone;  ///< expunged after `since`, in order of MODSEQ
  bool goneComplete = true;     ///< false: tombstones that old are dropped; compare the UIDs
  Modseq modseq = 0;            ///< HIGHESTMODSEQ of the snapshot that was read
};

struct DeliverResult {
  QuotaAnswer quota;
  AppendResult appended;  ///< nothing when the verdict is Defer or Refuse
};

/// One mailbox of an open account; a cheap value. All calls block. It is the owner's handle, or that of a
/// reader (as()), who sees and changes a \Seen of his own, and only the flags that his rights cover
/// (common/store/reader.h).
/// Conflict when the mailbox was removed, or was INBOX and has been renamed, since the handle was made.
class MailboxHandle {
 public:
  MailboxHandle(AccountHandle account, MailboxNo number, std::uint32_t uidValidity, std::string openedAs = {})
      : account_(std::move(account)),
        number_(number),
        uidValidity_(uidValidity),
        openedAs_(std::move(openedAs)) {}

  /// The same mailbox as somebody else than the owner comes to it.
  [[nodiscard]] MailboxHandle as(Reader reader) const;
  /// Null: the owner's.
  [[nodiscard]] const Reader* reader() const { return reader_.get(); }

  [[nodiscard]] const AccountHandle& account() const { return account_; }
  [[nodiscard]] MailboxNo number() const { return number_; }
  [[nodiscard]] std::uint32_t uidValidity() const { return uidValidity_; }
  /// The name by which it was found; it may have another one by now.
  [[nodiscard]] const std::string& openedAs() const { return openedAs_; }

  [[nodiscard]] Result<MailboxStatus> status() const;
  /// Names by bit; an empty name is a free place.
  [[nodiscard]] Result<std::vector<std::string>> keywords() const;
  /// Messages from UID `from` on, at most kMaxWindow.
  [[nodiscard]] Result<MessageWindow> messages(Uid from, std::size_t limit = kMaxWindow) const;
  [[nodiscard]] Result<MailboxOpening> open() const;
  /// Those of `uids` that exist, from UID `from` on, at most kMaxWindow.
  [[nodiscard]] Result<FetchWindow> window(const UidSet& uids, Uid from, Columns columns,
                                           std::size_t limit = kMaxWindow) const;
  /// How many messages nobody has claimed yet.
  [[nodiscard]] Result<std::uint32_t> recent() const;
  /// Octets of the messages that are \Deleted: what EXPUNGE would give back. Reads the records of these.
  [[nodiscard]] Result<std::uint64_t> deletedOctets() const;
  /// UIDs up to `uid` are no longer \Recent for who comes later (RFC 3501 2.3.2). Lost by a power cut at
  /// worst; no MODSEQ changes.
  Status claimRecent(Uid uid);
  /// All UIDs, ascending.
  [[nodiscard]] Result<std::vector<Uid>> uids() const;
  [[nodiscard]] Result<Changes> changesSince(Modseq since) const;
  /// NotFound when there is no such message; Corrupt when its text is damaged.
  [[nodiscard]] Result<MessageBody> body(Uid uid) const;
  /// The same without a look at the index; the row must have facts. NotFound when its space is reused.
  [[nodiscard]] Result<MessageBody> body(const FetchRow& row) const;

  /// What was cached of it at delivery (mime/digest.h), packed; empty when nothing was.
  [[nodiscard]] Result<Bytes> digest(const FetchRow& row) const;

  /// All or none, in one commit. OverQuota, Limit (keywords, UIDs), NoSpace. May be called again with the
  /// same messages after an error.
  Result<AppendResult> append(std::span<MessageWriter> messages, QuotaPolicy policy = QuotaPolicy::Enforce);
  Result<AppendResult> append(MessageWriter& message, QuotaPolicy policy = QuotaPolicy::Enforce) {
    return append({&message, 1}, policy);
  }
  /// Mail that comes in: append() by the rules of store.quota*, and the account remembers since when it is
  /// over quota, in the same commit. A message that is not taken is no error; the verdict says so.
  Result<DeliverResult> deliver(MessageWriter& message);
  /// Appends a notice of the quota, whatever the quota says, and notes that it was sent. False, and nothing
  /// written, when another process has sent one meanwhile.
  Result<bool> putNotice(MessageWriter& notice, QuotaNotice kind);
  /// Huge sets take several commits, each complete in itself, each with a MODSEQ of its own.
  Result<FlagResult> storeFlags(const UidSet& uids, const FlagChange& change);
  /// Expunges those of `uids` that exist; with `onlyDeleted` those that have \Deleted.
  Result<ExpungeResult> expunge(const UidSet& uids, bool onlyDeleted);
  /// The same; huge sets take several commits, and `gone` says what went also when a later one failed.
  Status expunge(const UidSet& uids, bool onlyDeleted, ExpungeResult& gone);
  /// Inside the account without touching a body; into another one by copies of them, which is new messages
  /// there (EMAILID, THREADID). All or none up to kMaxCopy messages, larger sets in several commits; what
  /// COPY has made is taken back when it fails, a message that MOVE takes out is durable in the target.
  /// OverQuota. A reader's copies keep his \Seen, and the flags that his rights on the target cover.
  Result<CopyResult> copy(const UidSet& uids, const MailboxHandle& target,
                          QuotaPolicy policy = QuotaPolicy::Enforce);
  Result<CopyResult> move(const UidSet& uids, const MailboxHandle& target);

 private:
  AccountHandle account_;
  MailboxNo number_;
  std::uint32_t uidValidity_;
  std::string openedAs_;
  std::shared_ptr<const Reader> reader_;
};

inline constexpr std::size_t kMaxCopy = 512;    ///< messages of one commit of COPY and MOVE
inline constexpr std::size_t kMaxAppend = 256;  ///< messages of one append()

}  // namespace posthorn::store
