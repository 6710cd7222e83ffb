// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mshttpd/backend/imap_account.h"

namespace posthorn::mshttpd::backend {

/// An account at any IMAP4rev1 server: what JMAP needs by LIST, STATUS, SEARCH, FETCH, STORE, COPY and
/// APPEND. Ids are those of OBJECTID, where a message that has no known place is searched for in every
/// mailbox; without it they are made of mailbox, UIDVALIDITY and UID and change when a message moves. There
/// are no changes() and no threads (each message is its own); nothing is atomic over several messages.
class StandardHost final : public ImapAccount {
 public:
  /// Asks for what has to be known of the server first.
  static Result<std::unique_ptr<MailHost>> open(std::shared_ptr<Talk> talk, const std::string& owner);

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
  Status swapMetadata(const std::string& entry, const std::optional<std::string>& before,
                      const std::optional<std::string>& after) override;

  /// A mailbox as LIST and STATUS tell it.
  struct Box {
    std::string serverName;
    bool selectable = true;
    std::uint32_t uidNext = 0;
    std::uint64_t modseq = 0;
    imap::jmap::MailboxData data;
  };
  /// Where a copy of a message lies.
  struct Place {
    const Box* box = nullptr;
    std::uint32_t uid = 0;
  };

 private:
  StandardHost(std::shared_ptr<Talk> talk, Names names, std::string owner, const Abilities& abilities,
               std::set<std::string> capabilities);

  [[nodiscard]] bool can(const char* capability) const { return capabilities_.contains(capability); }
  Result<Id> idOfMailbox(const std::string& serverName) override;

  // standard_mailboxes.cc
  Status load();
  Result<Reply> list() const;
  Status askStatus();
  Status askSubscriptions();
  Status askRights();
  [[nodiscard]] State stateOfAll() const;
  [[nodiscard]] const Box* boxById(const Id& id) const;
  [[nodiscard]] const Box* boxByName(const std::string& serverName) const;

  // standard_messages.cc
  [[nodiscard]] Id idOf(const Box& box, std::uint32_t uid) const;
  [[nodiscard]] std::optional<Place> placeOf(const Id& id) const;
  /// All copies of each message; ids that are none are not in it.
  Result<std::map<Id, std::vector<Place>>> find(std::span<const Id> ids);
  Status findIn(const Box& box, std::span<const Id> ids, std::map<Id, std::vector<Place>>& into);
  Result<Reply> inMailbox(const Box& box, bool toWrite, Again again, const Request& request);
  Status fetchFrom(const Box& box, const std::map<std::uint32_t, Id>& uids,
                   std::span<const imap::FetchAttribute> items, std::map<Id, Message>& into);

  // standard_query.cc
  struct Hit;
  Result<std::vector<Hit>> search(const imap::jmap::QueryArgs& query);
  Status searchIn(const Box& box, const imap::jmap::QueryArgs& query, std::vector<Hit>& into);

  // standard_search.cc
  Result<std::optional<imap::SearchKey>> keyFor(const Box& box, const imap::jmap::Filter& filter);
  Result<imap::SearchKey> receivedKey(const Box& box, const imap::jmap::Filter& filter);
  Result<std::vector<std::uint32_t>> uidSearch(const Box& box, const imap::SearchKey& key);

  // standard_update.cc
  struct Plan;
  void planOne(const imap::jmap::Update& update, const std::vector<Place>* places, Plan& plan,
               imap::jmap::UpdateData& outcome) const;
  Status carryOut(const Plan& plan);
  Status storeFlags(const Plan& plan);
  Status copyOver(const Plan& plan);
  Status removeFrom(const Plan& plan);
  Result<Id> idOfAppended(const Box& box, const Reply& reply, std::uint32_t least);

  std::set<std::string> capabilities_;
  bool loaded_ = false;
  std::vector<Box> boxes_;
};

}  // namespace posthorn::mshttpd::backend
