// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/mime/digest.h"
#include "mshttpd/backend/mail_host.h"

// An IMAP server's account in memory, with the semantics that MailHost promises: one counter for all changes,
// exact created, updated and destroyed, rights, threads, FETCH items of real messages. One thread.

namespace posthorn::mshttpd::backend {

/// When something came, changed and went, as values of the account's counter; 0: never.
struct FakeHistory {
  std::uint64_t created = 0;
  std::uint64_t changed = 0;
  std::uint64_t counted = 0;  ///< Mailbox: when numbers of messages changed
  std::uint64_t destroyed = 0;
};

struct FakeMailbox : FakeHistory {
  Id id;
  std::string name;
  std::string use;
  std::map<std::string, std::uint32_t> orders;  ///< by user
  std::map<std::string, std::string> grants;    ///< of others than the owner
  std::set<std::string> subscribers;
};

struct FakeEmail : FakeHistory {
  Id id;
  Id threadId;
  Bytes raw;
  std::set<std::string> flags;
  std::set<Id> mailboxes;
  imap::DateTime date;
  mime::Digest digest;
};

struct FakeThread : FakeHistory {
  Id id;
};

struct FakeAccount {
  explicit FakeAccount(std::string ownerName);

  std::string owner;
  std::uint64_t modseq = 1;
  /// States before this one are forgotten.
  std::uint64_t oldest = 0;
  std::uint64_t lastId = 0;
  std::map<Id, FakeMailbox> mailboxes;  ///< those that are gone, too
  std::map<Id, FakeEmail> emails;
  std::map<Id, FakeThread> threads;
  std::map<std::string, Id> threadOfMessageId;
  std::map<std::string, std::string> metadata;
  std::vector<QuotaRow> quota;
  Abilities abilities{true, true, true, true, true, true, true, true, true, true};

  /// What was asked, in order: "messages 50", "query", ... tests count it.
  std::vector<std::string> calls;
  /// Asked first by every call with its name; an error is what the call gives.
  std::function<std::optional<Error>(std::string_view)> refuse;

  /// "INBOX" is there from the beginning.
  Id addMailbox(const std::string& name, const std::string& use = {});
  Id mailboxId(const std::string& name) const;
  /// `raw` with LF or CRLF lines; LF become CRLF.
  Id deliver(std::string_view raw, const Id& mailbox, std::set<std::string> flags = {},
             std::int64_t receivedAt = 1'700'000'000);
  void setFlags(const Id& email, std::set<std::string> flags);
  void setMailboxes(const Id& email, std::set<Id> mailboxes);
  void destroy(const Id& email);

  [[nodiscard]] bool alive(const FakeHistory& of) const { return of.destroyed == 0; }
  [[nodiscard]] std::vector<const FakeEmail*> emailsOf(const Id& thread) const;
  void touchCounts(const std::set<Id>& mailboxIds);
  void touchThread(const Id& thread);
};

/// The account as `user` sees it.
class FakeMailHost final : public MailHost {
 public:
  FakeMailHost(std::shared_ptr<FakeAccount> account, std::string user)
      : account_(std::move(account)), user_(std::move(user)) {}

  [[nodiscard]] const Abilities& abilities() const override { return account_->abilities; }
  Result<State> state() override;
  Result<MailboxList> mailboxes() override;
  Result<Changes> changes(imap::jmap::DataType type, const State& since, std::uint32_t most) override;
  Result<Found> query(const imap::jmap::QueryArgs& query) override;
  Result<Threads> threads(std::span<const Id> ids) override;
  Result<Messages> messages(std::span<const Id> ids, std::span<const imap::FetchAttribute> items) override;
  Result<Source> text(const Id& email, const imap::Section& section, bool decoded) override;
  Result<UpdateResult> update(const std::optional<State>& ifState,
                              std::span<const imap::jmap::Update> updates) override;
  Result<Appended> append(NewMessage message) override;
  Result<Id> createMailbox(const NewMailbox& mailbox) override;
  Status renameMailbox(const std::string& from, const std::string& to) override;
  Status removeMailbox(const std::string& name, bool withMessages) override;
  Status subscribe(const std::string& name, bool on) override;
  Status setSpecialUse(const std::string& name, const std::string& use) override;
  Status setSortOrder(const std::string& name, std::optional<std::uint32_t> order) override;
  Result<std::vector<Grant>> grants(const std::string& mailbox) override;
  Status grant(const std::string& mailbox, const Grant& grant) override;
  Result<std::optional<std::string>> metadata(const std::string& entry) override;
  Status setMetadata(const std::string& entry, const std::optional<std::string>& value) override;
  Status swapMetadata(const std::string& entry, const std::optional<std::string>& before,
                      const std::optional<std::string>& after) override;
  Result<std::vector<QuotaRow>> quota() override;

 private:
  friend class FakeQuery;
  Status enter(std::string_view what);
  [[nodiscard]] std::string rights(const FakeMailbox& mailbox) const;
  [[nodiscard]] bool may(const Id& mailbox, std::string_view rights) const;
  [[nodiscard]] bool visible(const FakeEmail& email) const;
  [[nodiscard]] FakeMailbox* named(const std::string& name) const;
  [[nodiscard]] imap::jmap::MailboxData told(const FakeMailbox& mailbox) const;
  imap::jmap::UpdateData updateOne(const imap::jmap::Update& update);

  std::shared_ptr<FakeAccount> account_;
  std::string user_;
};

/// Accounts by their owners; a user may open those of others where a mailbox is granted to him.
class FakeMailHosts final : public MailHosts {
 public:
  std::map<std::string, std::shared_ptr<FakeAccount>> accounts;

  FakeAccount& add(const std::string& owner);
  Result<std::unique_ptr<MailHost>> open(const std::string& user, const std::string& owner,
                                         const std::string& client) override;
  Status check(const std::string&) override { return okStatus(); }
  Result<std::vector<SharedAccount>> sharedWith(const std::string& user, const std::string& client) override;
};

/// One FETCH item of a message in memory; nothing when there is no such section.
imap::FetchItem fakeFetch(const FakeEmail& email, const imap::FetchAttribute& attribute);
/// Octets of a section, decoded or not; nothing when there is none.
std::optional<Bytes> fakeSection(const FakeEmail& email, const imap::Section& section, bool decoded);
/// Whether a message matches RFC 8621 4.4.1's filter.
bool fakeMatches(const FakeAccount& account, const FakeEmail& email, const imap::jmap::Filter& filter);
/// Whether `a` stands before `b`.
bool fakeBefore(const FakeAccount& account, const FakeEmail& a, const FakeEmail& b,
                const std::vector<imap::jmap::Comparator>& sort);

}  // namespace posthorn::mshttpd::backend
