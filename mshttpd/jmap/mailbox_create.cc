// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "mshttpd/jmap/mailbox_setter.h"
#include "mshttpd/jmap/share_notices.h"

namespace posthorn::mshttpd::jmap {

Json mailboxRefusal(const Error& error, const std::string& property) {
  Json out = setErrorOf(error);
  if (out["type"] == "invalidProperties") out["properties"] = Json::array({property});
  return out;
}

bool holdsRight(const MailboxNode& node, char right) {
  return node.data.rights.find(right) != std::string::npos;
}

/// Where a mailbox is to be; a SetError when it may not be there. `self` is null for a new one.
Json MailboxSetter::place(const MailboxWish& wish, const MailboxNode* self, std::string& path) const {
  const std::optional<backend::Id> parentId = wish.parent       ? *wish.parent
                                              : self != nullptr ? self->parent
                                                                : std::optional<backend::Id>();
  const MailboxNode* parent = parentId ? tree_.find(*parentId) : nullptr;
  if (parentId && parent == nullptr)
    return setError("invalidProperties", "parentId is no mailbox", {"parentId"});
  const bool moves = self == nullptr || parentId != self->parent;
  if (moves && parent == nullptr && !account_.own)
    return setError("forbidden", "you may not create mailboxes at the top of this account");
  if (moves && parent != nullptr && parent->role == "inbox")
    return setError("forbidden", "the inbox holds no other mailboxes");
  if (moves && parent != nullptr && !holdsRight(*parent, 'k'))
    return setError("forbidden", "you may not create mailboxes in that one");
  if (self != nullptr && parent != nullptr && tree_.within(parent->data.id, self->data.id))
    return setError("invalidProperties", "a mailbox cannot be inside itself", {"parentId"});
  std::size_t height = 0;
  for (const MailboxNode& node : tree_.nodes()) {
    if (self != nullptr && tree_.within(node.data.id, self->data.id))
      height = std::max(height, node.depth - self->depth);
  }
  const std::size_t depth = parent != nullptr ? parent->depth + 1 : 0;
  if (depth + height + 1 > call_.limits().maxMailboxDepth)
    return setError("invalidProperties", "mailboxes would be nested too deep", {"parentId"});
  // Who has no name yet says one: it was asked for before.
  const std::string name = wish.name ? *wish.name : self != nullptr ? self->name : std::string();
  path = parent != nullptr ? parent->data.name.utf8 + "/" + name : name;
  return nullptr;
}

Json MailboxSetter::whyNotCreated(const MailboxWish& wish, std::string& path) const {
  if (Json error = place(wish, nullptr, path); !error.is_null()) return error;
  if (tree_.named(imap::canonicalName(path).utf8) != nullptr)
    return setError("invalidProperties", "there is a mailbox of this name", {"name"});
  if (wish.role == "inbox") return setError("invalidProperties", "the inbox is there already", {"role"});
  if (wish.role && !wish.role->empty() && tree_.withRole(*wish.role) != nullptr)
    return setError("invalidProperties", "another mailbox has this role", {"role"});
  return nullptr;
}

/// What a mailbox that was just made is given besides.
Status MailboxSetter::complete(const MailboxWish& wish, const std::string& path, std::string& property) {
  property = "sortOrder";
  if (wish.order.value_or(std::nullopt)) {
    Status ordered = host_.setSortOrder(path, *wish.order);
    // Then it has the server's own, which the response tells.
    if (!ordered.ok() && ordered.error().code != Errc::Unsupported) return ordered;
  }
  property = "shareWith";
  return wish.sharing ? writeSharing(host_, path, {}, *wish.sharing) : Status();
}

/// False: its parent is to be created first.
bool MailboxSetter::createOne(const std::string& creationId, const Json& object, bool mayWait) {
  WishReader reader(call_, account_);
  reader.readObject(object);
  if (reader.fine() && reader.waits() && mayWait) return false;
  if (!reader.fine()) {
    reply_.notCreated(creationId, reader.problem());
    return true;
  }
  const MailboxWish& wish = reader.wish;
  std::string path;
  if (Json error = whyNotCreated(wish, path); !error.is_null()) {
    reply_.notCreated(creationId, std::move(error));
    return true;
  }
  const std::string use(useOfRole(wish.role.value_or("")));
  const bool subscribed = wish.subscribed.value_or(true);
  const auto id = host_.createMailbox({path, use, subscribed});
  if (!id.ok()) {
    reply_.notCreated(creationId, mailboxRefusal(id.error(), "name"));
    return true;
  }
  std::string property;
  if (const Status rest = complete(wish, path, property); !rest.ok()) {
    (void)host_.removeMailbox(path, false);
    reply_.notCreated(creationId, mailboxRefusal(rest.error(), property));
    return true;
  }
  imap::jmap::MailboxData made;
  made.id = *id;
  made.name = {path};
  if (!use.empty()) made.specialUses.push_back(use);
  made.rights = "lrswipkxtea";
  made.subscribed = subscribed;
  tree_.add(std::move(made));
  if (const MailboxNode* node = tree_.find(*id); wish.sharing && node != nullptr)
    noteShares(call_, account_, {*id, node->name}, {}, *wish.sharing);
  call_.created(creationId, *id);
  created_[creationId] = {*id, object};
  return true;
}

void MailboxSetter::create(const std::vector<std::pair<std::string, Json>>& objects) {
  std::vector<const std::pair<std::string, Json>*> waiting;
  waiting.reserve(objects.size());
  for (const auto& one : objects) waiting.push_back(&one);
  bool mayWait = true;
  while (!waiting.empty()) {
    const std::size_t before = waiting.size();
    std::erase_if(waiting, [&](const auto* one) { return createOne(one->first, one->second, mayWait); });
    // Nobody creates the parents of those that are left.
    mayWait = waiting.size() < before;
  }
}

/// What the client has not sent, and what has come out otherwise.
Json MailboxSetter::createdJson(const MailboxNode& node, const Json& sent) const {
  Json out = Json::object();
  const Json whole = mailboxJson(node);
  for (const auto& [name, value] : whole.items()) {
    const bool same = sent.contains(name) && (sent[name] == value || name == "parentId");
    if (!same) out[name] = value;
  }
  return out;
}

}  // namespace posthorn::mshttpd::jmap
