// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mshttpd/backend/mail_host.h"
#include "mshttpd/backend/names.h"
#include "mshttpd/backend/talk.h"

namespace posthorn::mshttpd::backend {

/// What ours and any other IMAP server do alike: mailboxes as such, ACL, METADATA, QUOTA. One thread at a
/// time.
class ImapAccount : public MailHost {
 public:
  [[nodiscard]] const Abilities& abilities() const override { return abilities_; }

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
  Result<std::vector<QuotaRow>> quota() override;
  void holdNothing() override { talk_->endAlways(); }

 protected:
  /// `owner` empty: the account of the one who is logged in.
  ImapAccount(std::shared_ptr<Talk> talk, Names names, std::string owner, const Abilities& abilities);

  [[nodiscard]] Talk& talk() const { return *talk_; }
  [[nodiscard]] const std::shared_ptr<Talk>& sharedTalk() const { return talk_; }
  [[nodiscard]] const Names& names() const { return names_; }
  [[nodiscard]] const std::string& owner() const { return owner_; }
  Result<std::string> serverName(const std::string& name) const;
  /// A command that says OK or is an error.
  Result<Reply> demand(Again again, const Request& request);
  /// What a mailbox was given as its id when it was made.
  virtual Result<Id> idOfMailbox(const std::string& serverName) = 0;
  /// How many messages are in it.
  Result<std::uint64_t> messagesIn(const std::string& serverName);

 private:
  Result<std::optional<std::string>> mailboxForQuota();

  std::shared_ptr<Talk> talk_;
  Names names_;
  std::string owner_;
  Abilities abilities_;
};

}  // namespace posthorn::mshttpd::backend
