// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/imap/types/mailbox_args.h"
#include "common/store/account.h"

namespace posthorn::imapd {

/// Whether a mailbox name matches a LIST pattern: `*` is anything, `%` anything within a level (RFC 3501
/// 6.3.8). Takes time in proportion to both lengths.
bool matchesPattern(std::string_view name, std::string_view pattern);

/// A name of the hierarchy: a mailbox, a subscription, or a level above one.
struct ListNode {
  const store::MailboxEntry* entry = nullptr;  ///< null: only a level
  bool exists = false;
  bool subscribed = false;
  bool children = false;            ///< a mailbox exists below it
  bool subscribedChildren = false;  ///< a subscription exists below it
};

/// Every name by which something can be listed, in the order of names, INBOX first.
class ListTree {
 public:
  /// `entries` must outlive it.
  explicit ListTree(const std::vector<store::MailboxEntry>& entries);
  [[nodiscard]] const std::vector<std::pair<std::string, ListNode>>& nodes() const { return nodes_; }

 private:
  std::vector<std::pair<std::string, ListNode>> nodes_;
};

}  // namespace posthorn::imapd
