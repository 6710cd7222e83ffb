// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/mailbox_tree.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "common/base/ascii.h"
#include "mshttpd/jmap/unicode_text.h"

namespace posthorn::mshttpd::jmap {

// NOLINTNEXTLINE(cert-err58-cpp): a list of literals
const std::vector<std::string_view> kMailboxProperties = {
    "id",           "name",         "parentId",      "role",     "sortOrder",    "totalEmails",
    "unreadEmails", "totalThreads", "unreadThreads", "myRights", "isSubscribed", "shareWith"};

namespace {

constexpr std::string_view kInbox = "INBOX";

struct Role {
  std::string_view role;
  std::string_view use;
  std::uint32_t order;
};
/// A mailbox with several special uses has the first role of these that nobody has yet.
constexpr Role kRoles[] = {
    {"inbox", "\\Inbox", 1},     {"drafts", "\\Drafts", 2},       {"sent", "\\Sent", 3},
    {"archive", "\\Archive", 4}, {"junk", "\\Junk", 5},           {"trash", "\\Trash", 6},
    {"flagged", "\\Flagged", 7}, {"important", "\\Important", 8}, {"all", "\\All", 9}};
constexpr std::uint32_t kNoRoleOrder = 10;

struct RightsRow {
  std::string_view property;
  std::string_view rights;
};
constexpr RightsRow kRights[] = {{"mayReadItems", "lr"}, {"mayAddItems", "i"},    {"mayRemoveItems", "te"},
                                 {"maySetSeen", "s"},    {"maySetKeywords", "w"}, {"mayCreateChild", "k"},
                                 {"mayRename", "x"},     {"mayDelete", "x"},      {"maySubmit", "p"},
                                 {"mayShare", "a"}};

bool holdsAll(std::string_view rights, std::string_view wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](char one) { return rights.find(one) != std::string_view::npos; });
}

}  // namespace

MailboxTree::MailboxTree(std::vector<imap::jmap::MailboxData> mailboxes) {
  nodes_.reserve(mailboxes.size());
  for (auto& data : mailboxes) nodes_.push_back({std::move(data), {}, {}, {}, 0});
  build();
}

void MailboxTree::build() {
  // Levels are compared, so that "a/b" stands behind "a" although "a-b" would come between them.
  const auto key = [](const MailboxNode& node) {
    std::string path = node.data.name.utf8;
    std::replace(path.begin(), path.end(), '/', '\x01');
    return path;
  };
  std::sort(nodes_.begin(), nodes_.end(),
            [&](const MailboxNode& a, const MailboxNode& b) { return key(a) < key(b); });
  std::set<std::string_view> taken;
  std::map<std::string_view, const MailboxNode*> paths;
  for (const MailboxNode& one : nodes_) paths.emplace(one.data.name.utf8, &one);
  for (MailboxNode& one : nodes_) {
    const std::string& path = one.data.name.utf8;
    one.parent.reset();
    one.depth = 0;
    one.role.clear();
    std::size_t begin = 0;
    for (std::size_t slash = path.rfind('/'); slash != std::string::npos && slash > 0;
         slash = path.rfind('/', slash - 1)) {
      const auto above = paths.find(std::string_view(path).substr(0, slash));
      if (above == paths.end()) continue;
      one.parent = above->second->data.id;
      one.depth = above->second->depth + 1;
      begin = slash + 1;
      break;
    }
    one.name = path == kInbox ? "Inbox" : toNfc(std::string_view(path).substr(begin));
    if (path == kInbox) one.role = "inbox";
  }
  for (MailboxNode& one : nodes_) {
    if (!one.role.empty()) taken.insert("inbox");
  }
  for (MailboxNode& one : nodes_) {
    for (const Role& row : kRoles) {
      const auto& uses = one.data.specialUses;
      const bool has = std::any_of(uses.begin(), uses.end(),
                                   [&](const std::string& use) { return ascii::equal(use, row.use); });
      if (one.role.empty() && has && taken.insert(row.role).second) one.role = row.role;
    }
  }
}

const MailboxNode* MailboxTree::find(const backend::Id& id) const {
  const auto found =
      std::find_if(nodes_.begin(), nodes_.end(), [&](const MailboxNode& one) { return one.data.id == id; });
  return found != nodes_.end() ? &*found : nullptr;
}

MailboxNode* MailboxTree::node(const backend::Id& id) {
  const auto found =
      std::find_if(nodes_.begin(), nodes_.end(), [&](const MailboxNode& one) { return one.data.id == id; });
  return found != nodes_.end() ? &*found : nullptr;
}

const MailboxNode* MailboxTree::named(std::string_view path) const {
  const auto found = std::find_if(nodes_.begin(), nodes_.end(),
                                  [&](const MailboxNode& one) { return one.data.name.utf8 == path; });
  return found != nodes_.end() ? &*found : nullptr;
}

const MailboxNode* MailboxTree::withRole(std::string_view role) const {
  const auto found =
      std::find_if(nodes_.begin(), nodes_.end(), [&](const MailboxNode& one) { return one.role == role; });
  return found != nodes_.end() ? &*found : nullptr;
}

bool MailboxTree::within(const backend::Id& id, const backend::Id& above) const {
  for (const MailboxNode* one = find(id); one != nullptr; one = one->parent ? find(*one->parent) : nullptr) {
    if (one->data.id == above) return true;
  }
  return false;
}

bool MailboxTree::hasChild(const backend::Id& id) const {
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const MailboxNode& one) { return one.parent == id; });
}

void MailboxTree::add(imap::jmap::MailboxData mailbox) {
  nodes_.push_back({std::move(mailbox), {}, {}, {}, 0});
  build();
}

void MailboxTree::rename(const std::string& from, const std::string& to) {
  for (MailboxNode& one : nodes_) {
    std::string& path = one.data.name.utf8;
    if (path == from || path.starts_with(from + "/")) path.replace(0, from.size(), to);
  }
  build();
}

void MailboxTree::remove(const backend::Id& id) {
  std::erase_if(nodes_, [&](const MailboxNode& one) { return one.data.id == id; });
  build();
}

void MailboxTree::setRole(const backend::Id& id, std::string_view use) {
  MailboxNode* one = node(id);
  if (one == nullptr) return;
  one->data.specialUses.clear();
  if (!use.empty()) one->data.specialUses.emplace_back(use);
  build();
}

void MailboxTree::setSubscribed(const backend::Id& id, bool on) {
  if (MailboxNode* one = node(id)) one->data.subscribed = on;
}

void MailboxTree::setSortOrder(const backend::Id& id, std::optional<std::uint32_t> order) {
  if (MailboxNode* one = node(id)) one->data.sortOrder = order;
}

std::set<backend::Id> movedBy(const backend::Changes& changes, const MailboxTree& tree) {
  std::set<backend::Id> out;
  const std::set<backend::Id> came(changes.created.begin(), changes.created.end());
  for (const MailboxNode& node : tree.nodes()) {
    const bool under = node.parent && came.count(*node.parent) > 0;
    const bool gap = !changes.destroyed.empty() && node.name.find('/') != std::string::npos;
    if ((under || gap) && came.count(node.data.id) == 0) out.insert(node.data.id);
  }
  return out;
}

std::string_view useOfRole(std::string_view role) {
  for (const Role& row : kRoles) {
    if (row.role == role) return row.use;
  }
  return {};
}

std::string_view roleOfUse(std::string_view use) {
  for (const Role& row : kRoles) {
    if (ascii::equal(row.use, use)) return row.role;
  }
  return {};
}

std::uint32_t sortOrderOf(const MailboxNode& node) {
  if (node.data.sortOrder) return *node.data.sortOrder;
  for (const Role& row : kRoles) {
    if (row.role == node.role) return row.order;
  }
  return kNoRoleOrder;
}

Json rightsJson(std::string_view rights, bool inbox) {
  Json out = Json::object();
  for (const RightsRow& row : kRights) out[std::string(row.property)] = holdsAll(rights, row.rights);
  // Below INBOX our stores keep nothing.
  if (inbox) out["mayRename"] = out["mayDelete"] = out["mayCreateChild"] = false;
  return out;
}

std::optional<std::string> rightsOf(const Json& rights) {
  if (!rights.is_object()) return std::nullopt;
  std::string out;
  for (const auto& [name, value] : rights.items()) {
    const auto* row = std::find_if(
        std::begin(kRights), std::end(kRights),
        [&, wanted = std::string_view(name)](const RightsRow& one) { return one.property == wanted; });
    if (row == std::end(kRights) || !value.is_boolean()) return std::nullopt;
    if (value.get<bool>()) out += row->rights;
  }
  return sortedRights(out);
}

std::string sortedRights(std::string_view rights) {
  std::string out;
  for (const char one : std::string_view("lrswipkxtea")) {
    if (rights.find(one) != std::string_view::npos) out.push_back(one);
  }
  return out;
}

Json mailboxJson(const MailboxNode& node) {
  Json out = Json::object();
  out["id"] = node.data.id;
  out["name"] = node.name;
  out["parentId"] = node.parent ? Json(*node.parent) : Json(nullptr);
  out["role"] = node.role.empty() ? Json(nullptr) : Json(node.role);
  out["sortOrder"] = sortOrderOf(node);
  out["totalEmails"] = node.data.messages;
  out["unreadEmails"] = node.data.unseen;
  out["totalThreads"] = node.data.threads;
  out["unreadThreads"] = node.data.unseenThreads;
  out["myRights"] = rightsJson(node.data.rights, node.role == "inbox");
  out["isSubscribed"] = node.data.subscribed;
  return out;
}

}  // namespace posthorn::mshttpd::jmap
