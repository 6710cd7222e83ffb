// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mshttpd/backend/imap_account.h"

namespace posthorn::mshttpd::backend {

/// An account at one of our own servers: what standard IMAP cannot say is asked by X-POSTHORN-JMAP
/// (common/imap/types/jmap.h). Everything comes from one snapshot each, and its state is the account's
/// MODSEQ.
class PosthornHost final : public ImapAccount {
 public:
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
  Status removeMailbox(const std::string& name, bool withMessages) override;
  Status swapMetadata(const std::string& entry, const std::optional<std::string>& before,
                      const std::optional<std::string>& after) override;

 private:
  PosthornHost(std::shared_ptr<Talk> talk, Names names, std::string owner, const Abilities& abilities);
  Result<UpdateResult> updateOnce(const std::optional<State>& ifState,
                                  std::span<const imap::jmap::Update> updates);
  Result<Id> idOfMailbox(const std::string& serverName) override;
  Result<std::string> nameOf(const Id& mailbox);
};

}  // namespace posthorn::mshttpd::backend
