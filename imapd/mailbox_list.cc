// SPDX-License-Identifier: Apache-2.0
#include "imapd/mailbox_list.h"

#include <algorithm>

namespace posthorn::imapd {

bool matchesPattern(std::string_view name, std::string_view pattern) {
  const auto isWild = [](char c) { return c == '*' || c == '%'; };
  const auto wild = static_cast<std::size_t>(std::count_if(pattern.begin(), pattern.end(), isWild));
  if (pattern.size() - wild > name.size()) return false;
  // The names that the pattern's first p characters match end where reach is true.
  std::vector<bool> reach(name.size() + 1, false);
  reach[0] = true;
  char before = '\0';
  for (const char c : pattern) {
    if (isWild(c) && c == std::exchange(before, c)) continue;  // a second one matches nothing more
    before = c;
    if (!isWild(c)) {
      for (std::size_t at = name.size(); at > 0; --at) reach[at] = reach[at - 1] && name[at - 1] == c;
      reach[0] = false;
      continue;
    }
    for (std::size_t at = 1; at <= name.size(); ++at)
      if (reach[at - 1] && (c == '*' || name[at - 1] != '/')) reach[at] = true;
  }
  return reach[name.size()];
}

ListTree::ListTree(const std::vector<store::MailboxEntry>& entries) {
  std::map<std::string, ListNode> names;
  for (const auto& entry : entries) {
    ListNode& node = names[entry.name];
    node.entry = &entry;
    node.exists = entry.exists;
    node.subscribed = entry.subscribed;
    for (auto slash = entry.name.rfind('/'); slash != std::string::npos && slash > 0;
         slash = entry.name.rfind('/', slash - 1)) {
      ListNode& above = names[entry.name.substr(0, slash)];
      above.children = above.children || entry.exists;
      above.subscribedChildren = above.subscribedChildren || entry.subscribed;
    }
  }
  nodes_.assign(names.begin(), names.end());
  std::stable_partition(nodes_.begin(), nodes_.end(), [](const auto& node) { return node.first == "INBOX"; });
}

}  // namespace posthorn::imapd
