// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mshttpd/backend/mail_host.h"
#include "mshttpd/jmap/method.h"

// An account's mailboxes as JMAP sees them (RFC 8621 2): a forest of names, each role once. Pure.

namespace posthorn::mshttpd::jmap {

struct MailboxNode {
  imap::jmap::MailboxData data;
  std::string name;  ///< the last level; levels in between that are not told stay in front of it
  std::optional<backend::Id> parent;  ///< the nearest mailbox above that is told
  std::string role;                   ///< "inbox"; empty: none
  std::size_t depth = 0;              ///< ancestors
};

class MailboxTree {
 public:
  explicit MailboxTree(std::vector<imap::jmap::MailboxData> mailboxes);

  /// Parents before children.
  [[nodiscard]] const std::vector<MailboxNode>& nodes() const { return nodes_; }
  /// Null: no such mailbox.
  [[nodiscard]] const MailboxNode* find(const backend::Id& id) const;
  [[nodiscard]] const MailboxNode* named(std::string_view path) const;
  [[nodiscard]] const MailboxNode* withRole(std::string_view role) const;
  /// Whether `id` is `above` or lies below it.
  [[nodiscard]] bool within(const backend::Id& id, const backend::Id& above) const;
  [[nodiscard]] bool hasChild(const backend::Id& id) const;

  /// What changes it has seen; the caller has made them at the back end.
  void add(imap::jmap::MailboxData mailbox);
  void rename(const std::string& from, const std::string& to);
  void remove(const backend::Id& id);
  void setRole(const backend::Id& id, std::string_view use);
  void setSubscribed(const backend::Id& id, bool on);
  void setSortOrder(const backend::Id& id, std::optional<std::uint32_t> order);

 private:
  void build();
  [[nodiscard]] MailboxNode* node(const backend::Id& id);

  std::vector<MailboxNode> nodes_;
};

/// Mailboxes that nothing was done to and that have another parent or name since, because one that came or
/// went stands above them. May tell more than have: of who went it is not known where he was.
std::set<backend::Id> movedBy(const backend::Changes& changes, const MailboxTree& tree);

/// "\Sent" of "sent", and back; empty: there is no such role.
std::string_view useOfRole(std::string_view role);
std::string_view roleOfUse(std::string_view use);

/// Where clients show it (RFC 8621 2, sortOrder): where its user has put it, else by role, others behind.
std::uint32_t sortOrderOf(const MailboxNode& node);

/// MailboxRights of RFC 4314's rights, and back. `mayShare` is `a`: who may set shareWith.
Json rightsJson(std::string_view rights, bool inbox = false);
/// Nothing for what is no MailboxRights.
std::optional<std::string> rightsOf(const Json& rights);
/// Rights in the order of RFC 4314, each once.
std::string sortedRights(std::string_view rights);

/// All properties but shareWith, which the ACL has.
Json mailboxJson(const MailboxNode& node);
extern const std::vector<std::string_view> kMailboxProperties;

}  // namespace posthorn::mshttpd::jmap
