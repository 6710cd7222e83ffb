// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/bytes.h"
#include "mshttpd/jmap/changes.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/mailbox_tree.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/query.h"

namespace posthorn::mshttpd::jmap {
namespace {

struct MailboxQuery {
  const Json* filter = nullptr;
  std::vector<SortBy> sort;
  bool sortAsTree = false;
  bool filterAsTree = false;
};

std::optional<Failure> checkCondition(const Json& condition) {
  for (const auto& [name, value] : condition.items()) {
    const bool text = value.is_string();
    if (name == "parentId" || name == "role") {
      if (!text && !value.is_null()) return Failure{"invalidArguments", name + " must be a string or null"};
    } else if (name == "name") {
      if (!text) return Failure{"invalidArguments", "name must be a string"};
    } else if (name == "hasAnyRole" || name == "isSubscribed") {
      if (!value.is_boolean()) return Failure{"invalidArguments", name + " must be true or false"};
    } else {
      return Failure{"unsupportedFilter", "there is no condition " + name.substr(0, 255)};
    }
  }
  return std::nullopt;
}

bool matches(const MailboxNode& node, const Json& condition) {
  for (const auto& [name, value] : condition.items()) {
    bool fits = true;
    if (name == "parentId") {
      fits = value.is_null() ? !node.parent : node.parent == value.get_ref<const std::string&>();
    } else if (name == "role") {
      fits = value.is_null() ? node.role.empty() : node.role == value.get_ref<const std::string&>();
    } else if (name == "name") {
      fits = collationKey(node.name, {}).find(collationKey(value.get_ref<const std::string&>(), {})) !=
             std::string::npos;
    } else if (name == "hasAnyRole") {
      fits = value.get<bool>() == !node.role.empty();
    } else if (name == "isSubscribed") {
      fits = value.get<bool>() == node.data.subscribed;
    }
    if (!fits) return false;
  }
  return true;
}

std::optional<Failure> readQuery(const Json& args, MailboxQuery& out) {
  out.filter = member(args, "filter");
  if (auto failure = checkFilter(out.filter, checkCondition)) return failure;
  if (auto failure = readSort(args, out.sort)) return failure;
  for (const SortBy& by : out.sort) {
    if (by.property != "sortOrder" && by.property != "name" && by.property != "parentId")
      return Failure{"unsupportedSort", "mailboxes are not sorted by " + by.property.substr(0, 255)};
  }
  const auto sortAsTree = boolArgument(args, "sortAsTree", false);
  const auto filterAsTree = boolArgument(args, "filterAsTree", false);
  if (!sortAsTree.ok()) return failureOf(sortAsTree.error());
  if (!filterAsTree.ok()) return failureOf(filterAsTree.error());
  out.sortAsTree = *sortAsTree;
  out.filterAsTree = *filterAsTree;
  return std::nullopt;
}

class Sorter {
 public:
  Sorter(const MailboxTree& tree, const MailboxQuery& query) : query_(query) {
    // Equal ones stand in the order of the tree.
    for (const MailboxNode& node : tree.nodes()) {
      Entry& entry = entries_[node.data.id];
      entry.node = &node;
      entry.place = entries_.size();
      for (const SortBy& by : query.sort) entry.keys.push_back(keyOf(node, by));
      if (node.parent) entry.above = entries_.at(*node.parent).above;
      entry.above.push_back(&entry);
    }
  }

  void sort(std::vector<const MailboxNode*>& list) const {
    std::sort(list.begin(), list.end(), [&](const MailboxNode* a, const MailboxNode* b) {
      const Entry& left = entries_.at(a->data.id);
      const Entry& right = entries_.at(b->data.id);
      return query_.sortAsTree ? beforeInTree(left, right) : before(left, right);
    });
  }

 private:
  struct Entry {
    const MailboxNode* node = nullptr;
    std::size_t place = 0;
    std::vector<std::string> keys;
    std::vector<const Entry*> above;  ///< from the top down to itself
  };

  static std::string keyOf(const MailboxNode& node, const SortBy& by) {
    if (by.property == "name") return collationKey(node.name, by.collation);
    if (by.property == "parentId") return node.parent.value_or("");
    Bytes number;
    putBe(number, sortOrderOf(node));
    return number;
  }

  [[nodiscard]] bool before(const Entry& a, const Entry& b) const {
    for (std::size_t i = 0; i < query_.sort.size(); ++i) {
      if (a.keys[i] != b.keys[i]) return (a.keys[i] < b.keys[i]) == query_.sort[i].ascending;
    }
    return a.place < b.place;
  }

  [[nodiscard]] bool beforeInTree(const Entry& a, const Entry& b) const {
    const std::size_t shorter = std::min(a.above.size(), b.above.size());
    for (std::size_t i = 0; i < shorter; ++i) {
      if (a.above[i] != b.above[i]) return before(*a.above[i], *b.above[i]);
    }
    return a.above.size() < b.above.size();
  }

  const MailboxQuery& query_;
  std::map<backend::Id, Entry> entries_;
};

std::vector<std::string> run(const MailboxTree& tree, const MailboxQuery& query) {
  std::vector<const MailboxNode*> list;
  std::set<backend::Id> in;
  for (const MailboxNode& node : tree.nodes()) {
    const bool above = !query.filterAsTree || !node.parent || in.count(*node.parent) > 0;
    if (!above || !matchesFilter(query.filter, [&](const Json& one) { return matches(node, one); })) continue;
    in.insert(node.data.id);
    list.push_back(&node);
  }
  Sorter(tree, query).sort(list);
  std::vector<std::string> out;
  out.reserve(list.size());
  for (const MailboxNode* node : list) out.push_back(node->data.id);
  return out;
}

/// All that may have come, gone or moved: what has changed, and what lies below it.
std::set<std::string> affected(const backend::Changes& changes, const MailboxTree& tree) {
  std::set<std::string> out(changes.destroyed.begin(), changes.destroyed.end());
  out.insert(changes.created.begin(), changes.created.end());
  if (!changes.countsOnly) out.insert(changes.updated.begin(), changes.updated.end());
  out.merge(movedBy(changes, tree));
  // Also where the tree does not count: equal ones stand in its order.
  for (const MailboxNode& node : tree.nodes()) {
    if (node.parent && out.count(*node.parent) > 0) out.insert(node.data.id);
  }
  return out;
}

}  // namespace

Answer mailboxQuery(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  MailboxQuery query;
  if (const auto refused = readQuery(args, query)) return *refused;
  const auto window = readQueryWindow(args);
  if (!window.ok()) return window.error();
  auto list = account->host->mailboxes();
  if (!list.ok()) return list.error();
  const MailboxTree tree(std::move(list->mailboxes));
  return queryResponse(account->id, list->state, account->host->abilities().changes, *window,
                       run(tree, query));
}

Answer mailboxQueryChanges(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  MailboxQuery query;
  if (const auto refused = readQuery(args, query)) return *refused;
  const auto wanted = readQueryChanges(args);
  if (!wanted.ok()) return wanted.error();
  auto list = account->host->mailboxes();
  if (!list.ok()) return list.error();
  const MailboxTree tree(std::move(list->mailboxes));
  // Asked behind the list: what changes in between is told as changed, and at worst once more.
  const auto changes = account->host->changes(imap::jmap::DataType::Mailbox, wanted->since, 0);
  if (!changes.ok()) return changesFailure(changes.error());
  QueryDelta delta;
  delta.newState = list->state;
  delta.results = run(tree, query);
  delta.maybe = affected(*changes, tree);
  return queryChangesResponse(account->id, *wanted, delta);
}

}  // namespace posthorn::mshttpd::jmap
