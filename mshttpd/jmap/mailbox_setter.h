// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "mshttpd/jmap/mailbox_tree.h"
#include "mshttpd/jmap/mailbox_wish.h"
#include "mshttpd/jmap/method.h"
#include "mshttpd/jmap/set.h"

namespace posthorn::mshttpd::jmap {

/// One Mailbox/set (RFC 8621 2.5) on its way: create, update and destroy in this order. What has been done at
/// the back end is done in `tree_`, too. Job thread; blocks on the back end. Creating and the rules that both
/// share are in mailbox_create.cc, updating in mailbox_update.cc, the rest in mailbox_set.cc.
class MailboxSetter {
 public:
  MailboxSetter(Call& call, const Call::Account& account, MailboxTree tree, bool removeEmails)
      : call_(call),
        account_(account),
        host_(*account.host),
        tree_(std::move(tree)),
        removeEmails_(removeEmails) {}

  void create(const std::vector<std::pair<std::string, Json>>& objects);
  void update(const std::vector<SetArgs::Update>& updates, const std::vector<SetArgs::Update>& doomed);
  void destroy(std::vector<SetArgs::Update> doomed);
  Json reply(const std::string& oldState, const std::string& newState, const MailboxTree& now);

 private:
  struct Pending {
    SetArgs::Update asked;
    MailboxWish wish;
    bool yielded = false;  ///< has been moved out of the way already
  };
  enum class Step : std::uint8_t { Done, Refused, Blocked };

  Status complete(const MailboxWish& wish, const std::string& path, std::string& property);
  bool createOne(const std::string& creationId, const Json& object, bool mayWait);
  [[nodiscard]] Json whyNotCreated(const MailboxWish& wish, std::string& path) const;
  [[nodiscard]] Json place(const MailboxWish& wish, const MailboxNode* self, std::string& path) const;
  bool readUpdate(const SetArgs::Update& asked, Pending& out);
  Step updateOne(Pending& pending, const std::vector<Pending*>& others, bool last);
  [[nodiscard]] Json whyNotUpdated(const Pending& pending, const MailboxNode& node, std::string& path) const;
  [[nodiscard]] bool mayGoAway(const backend::Id& id, const Pending& self,
                               const std::vector<Pending*>& others, bool byName) const;
  /// What takes the steps back that were taken, the last one first.
  using Undo = std::vector<std::function<void()>>;
  Status apply(const MailboxWish& wish, const MailboxNode& before, const std::string& path,
               std::string& property);
  Status applyName(const MailboxNode& node, const std::string& path, Undo& undo);
  Status applyRole(const MailboxNode& node, const MailboxWish& wish, const std::string& role, Undo& undo);
  Status applySubscription(const MailboxNode& node, const MailboxWish& wish, Undo& undo);
  Status applyOrder(const MailboxNode& node, const MailboxWish& wish, Undo& undo);
  Status applySharing(const MailboxNode& node, const MailboxWish& wish);
  bool yield(Pending& pending);
  /// Path and role.
  using Before = std::map<backend::Id, std::pair<std::string, std::string>>;
  void giveBack(const backend::Id& id, const Before& before);
  void destroyOne(const SetArgs::Update& asked);
  [[nodiscard]] Json createdJson(const MailboxNode& node, const Json& sent) const;
  [[nodiscard]] static Json updatedJson(const MailboxNode& node, const MailboxWish& wish);

  Call& call_;
  const Call::Account& account_;
  backend::MailHost& host_;
  MailboxTree tree_;
  bool removeEmails_;
  SetReply reply_;
  std::map<std::string, std::pair<backend::Id, Json>> created_;  ///< creation id → id, what was sent
  std::vector<Pending> updated_;
};

/// The SetError of a back end's refusal that has to do with one property.
Json mailboxRefusal(const Error& error, const std::string& property);
/// Whether the caller has this right of RFC 4314 there.
bool holdsRight(const MailboxNode& node, char right);

}  // namespace posthorn::mshttpd::jmap
