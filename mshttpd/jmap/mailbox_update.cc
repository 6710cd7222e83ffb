// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "common/base/ids.h"
#include "mshttpd/jmap/mailbox_setter.h"
#include "mshttpd/jmap/share_notices.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// Rounds in which updates that stand in each other's way are tried again.
constexpr std::size_t kMaxRounds = 64;

}  // namespace

bool MailboxSetter::readUpdate(const SetArgs::Update& asked, Pending& out) {
  const MailboxNode* node = asked.id.empty() ? nullptr : tree_.find(asked.id);
  if (node == nullptr) {
    reply_.notUpdated(asked.named, setError("notFound", "there is no such mailbox"));
    return false;
  }
  Sharing now;
  if (WishReader::readsSharing(asked.patch)) {
    auto read = readSharing(host_, account_.owner, node->data.name.utf8);
    if (!read.ok()) {
      reply_.notUpdated(asked.named, mailboxRefusal(read.error(), "shareWith"));
      return false;
    }
    now = std::move(*read);
  }
  WishReader reader(call_, account_);
  reader.readPatchOf(*node, asked.patch, now);
  if (!reader.fine()) {
    reply_.notUpdated(asked.named, reader.problem());
    return false;
  }
  out = {asked, std::move(reader.wish), false};
  return true;
}

Json MailboxSetter::whyNotUpdated(const Pending& pending, const MailboxNode& node, std::string& path) const {
  const MailboxWish& wish = pending.wish;
  const bool renames = (wish.name && *wish.name != node.name) || (wish.parent && *wish.parent != node.parent);
  const bool inbox = node.role == "inbox";
  path = node.data.name.utf8;
  if (renames && (inbox || !holdsRight(node, 'x')))
    return setError("forbidden", inbox ? "the inbox stays where it is" : "you may not rename this mailbox");
  if (renames) {
    if (Json error = place(wish, &node, path); !error.is_null()) return error;
    const MailboxNode* there = tree_.named(imap::canonicalName(path).utf8);
    if (there != nullptr && there != &node)
      return setError("invalidProperties", "there is a mailbox of this name", {"name"});
  }
  if (wish.role && *wish.role != node.role) {
    if (inbox || *wish.role == "inbox")
      return setError("invalidProperties", "the inbox stays what it is", {"role"});
    if (!wish.role->empty() && tree_.withRole(*wish.role) != nullptr)
      return setError("invalidProperties", "another mailbox has this role", {"role"});
  }
  return nullptr;
}

/// Whether the mailbox `id` is among the updates that wait, and may give up its name or role with it.
bool MailboxSetter::mayGoAway(const backend::Id& id, const Pending& self, const std::vector<Pending*>& others,
                              bool byName) const {
  return std::any_of(others.begin(), others.end(), [&](const Pending* other) {
    if (other == &self || other->asked.id != id) return false;
    return byName ? other->wish.name || other->wish.parent : other->wish.role.has_value();
  });
}

Status MailboxSetter::applyName(const MailboxNode& node, const std::string& path, Undo& undo) {
  const std::string from = node.data.name.utf8;
  if (path == from) return {};
  PH_CHECK(host_.renameMailbox(from, path));
  tree_.rename(from, path);
  undo.emplace_back([this, from, path] {
    if (host_.renameMailbox(path, from).ok()) tree_.rename(path, from);
  });
  return {};
}

Status MailboxSetter::applyRole(const MailboxNode& node, const MailboxWish& wish, const std::string& role,
                                Undo& undo) {
  if (!wish.role || *wish.role == role) return {};
  const backend::Id id = node.data.id;
  const std::string path = node.data.name.utf8;
  const std::string use(useOfRole(*wish.role));
  PH_CHECK(host_.setSpecialUse(path, use));
  tree_.setRole(id, use);
  undo.emplace_back([this, id, path, role] {
    if (host_.setSpecialUse(path, std::string(useOfRole(role))).ok()) tree_.setRole(id, useOfRole(role));
  });
  return {};
}

Status MailboxSetter::applySubscription(const MailboxNode& node, const MailboxWish& wish, Undo& undo) {
  const bool was = node.data.subscribed;
  if (!wish.subscribed || *wish.subscribed == was) return {};
  const backend::Id id = node.data.id;
  const std::string path = node.data.name.utf8;
  PH_CHECK(host_.subscribe(path, *wish.subscribed));
  if (!account_.own && *wish.subscribed) forgetShares(call_, id);
  tree_.setSubscribed(id, *wish.subscribed);
  undo.emplace_back([this, id, path, was] {
    if (host_.subscribe(path, was).ok()) tree_.setSubscribed(id, was);
  });
  return {};
}

Status MailboxSetter::applyOrder(const MailboxNode& node, const MailboxWish& wish, Undo& undo) {
  const auto was = node.data.sortOrder;
  if (!wish.order || *wish.order == was) return {};
  const backend::Id id = node.data.id;
  const std::string path = node.data.name.utf8;
  const Status done = host_.setSortOrder(path, *wish.order);
  // A server that keeps none: the response tells what it is.
  if (!done.ok() && done.error().code == Errc::Unsupported) return {};
  PH_CHECK(done);
  tree_.setSortOrder(id, *wish.order);
  undo.emplace_back([this, id, path, was] {
    if (host_.setSortOrder(path, was).ok()) tree_.setSortOrder(id, was);
  });
  return {};
}

Status MailboxSetter::applySharing(const MailboxNode& node, const MailboxWish& wish) {
  if (!wish.sharing) return {};
  const std::string path = node.data.name.utf8;
  PH_TRY(const Sharing now, readSharing(host_, account_.owner, path));
  PH_CHECK(writeSharing(host_, path, now, *wish.sharing));
  noteShares(call_, account_, {node.data.id, node.name}, now, *wish.sharing);
  return {};
}

/// All of it or nothing; `property` is the one that failed.
Status MailboxSetter::apply(const MailboxWish& wish, const MailboxNode& before, const std::string& path,
                            std::string& property) {
  const backend::Id id = before.data.id;
  const std::string role = before.role;
  Undo undo;
  // Each change builds the tree anew.
  const auto node = [&]() -> const MailboxNode& { return *tree_.find(id); };
  const std::pair<const char*, std::function<Status()>> steps[] = {
      {"name", [&] { return applyName(node(), path, undo); }},
      {"role", [&] { return applyRole(node(), wish, role, undo); }},
      {"isSubscribed", [&] { return applySubscription(node(), wish, undo); }},
      {"sortOrder", [&] { return applyOrder(node(), wish, undo); }},
      {"shareWith", [&] { return applySharing(node(), wish); }}};
  for (const auto& [name, step] : steps) {
    property = name;
    Status done = step();
    if (done.ok()) continue;
    for (auto back = undo.rbegin(); back != undo.rend(); ++back) (*back)();
    return done;
  }
  return {};
}

MailboxSetter::Step MailboxSetter::updateOne(Pending& pending, const std::vector<Pending*>& others,
                                             bool last) {
  const MailboxNode* node = tree_.find(pending.asked.id);
  if (node == nullptr) {
    reply_.notUpdated(pending.asked.named, setError("notFound", "there is no such mailbox"));
    return Step::Refused;
  }
  std::string path;
  Json why = whyNotUpdated(pending, *node, path);
  if (!why.is_null()) {
    // What stands in the way may be about to go: two names or roles may be swapped, a child become the
    // parent.
    const MailboxNode* there = tree_.named(path);
    const MailboxNode* holder = pending.wish.role ? tree_.withRole(*pending.wish.role) : nullptr;
    const bool parentMoves = pending.wish.parent && *pending.wish.parent &&
                             mayGoAway(**pending.wish.parent, pending, others, true);
    const bool blocked = (there != nullptr && mayGoAway(there->data.id, pending, others, true)) ||
                         (holder != nullptr && mayGoAway(holder->data.id, pending, others, false)) ||
                         parentMoves;
    if (blocked && !last && why["type"] == "invalidProperties") return Step::Blocked;
    reply_.notUpdated(pending.asked.named, std::move(why));
    return Step::Refused;
  }
  std::string property;
  const Status done = apply(pending.wish, *node, path, property);
  if (!done.ok()) {
    reply_.notUpdated(pending.asked.named, mailboxRefusal(done.error(), property));
    return Step::Refused;
  }
  reply_.updated(pending.asked.named);
  updated_.push_back(pending);
  return Step::Done;
}

/// Moves a mailbox out of the others' way: updates that wait for each other in a circle.
bool MailboxSetter::yield(Pending& pending) {
  const MailboxNode* node = tree_.find(pending.asked.id);
  if (node == nullptr || pending.yielded || node->role == "inbox") return false;
  pending.yielded = true;
  if (pending.wish.role && !node->role.empty() && *pending.wish.role != node->role &&
      host_.setSpecialUse(node->data.name.utf8, "").ok()) {
    tree_.setRole(node->data.id, "");
    return true;
  }
  if (!pending.wish.name && !pending.wish.parent) return false;
  const std::string from = node->data.name.utf8;
  const std::string to = from + "~" + Id128::random().hex().substr(0, 12);
  // Its final name is wished for, so that nothing is left of this one unless the update is refused.
  if (!pending.wish.name) pending.wish.name = node->name;
  if (!host_.renameMailbox(from, to).ok()) return false;
  tree_.rename(from, to);
  return true;
}

/// What had made room for others gets back what is still free.
void MailboxSetter::giveBack(const backend::Id& id, const Before& before) {
  const auto& [path, role] = before.at(id);
  const MailboxNode* node = tree_.find(id);
  if (node == nullptr) return;
  const std::string now = node->data.name.utf8;
  if (now != path && tree_.named(path) == nullptr && host_.renameMailbox(now, path).ok())
    tree_.rename(now, path);
  const std::string use(useOfRole(role));
  if (!use.empty() && tree_.withRole(role) == nullptr &&
      host_.setSpecialUse(tree_.find(id)->data.name.utf8, use).ok())
    tree_.setRole(id, use);
}

void MailboxSetter::update(const std::vector<SetArgs::Update>& updates,
                           const std::vector<SetArgs::Update>& doomed) {
  std::vector<Pending> pending;
  for (const SetArgs::Update& asked : updates) {
    const bool dies = std::any_of(doomed.begin(), doomed.end(), [&](const SetArgs::Update& one) {
      return !one.id.empty() && one.id == asked.id;
    });
    if (dies) {
      reply_.notUpdated(asked.named, setError("willDestroy", "this call destroys it"));
      continue;
    }
    Pending read;
    if (readUpdate(asked, read)) pending.push_back(std::move(read));
  }
  std::vector<Pending*> waiting;
  Before before;
  for (Pending& one : pending) {
    waiting.push_back(&one);
    const MailboxNode* node = tree_.find(one.asked.id);
    before[one.asked.id] = {node->data.name.utf8, node->role};
  }
  for (std::size_t round = 0; !waiting.empty(); ++round) {
    std::vector<Pending*> left;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
      std::vector<Pending*> others = left;
      others.insert(others.end(), waiting.begin() + static_cast<std::ptrdiff_t>(i) + 1, waiting.end());
      const Step step = updateOne(*waiting[i], others, round >= kMaxRounds);
      if (step == Step::Blocked) left.push_back(waiting[i]);
      if (step == Step::Refused && waiting[i]->yielded) giveBack(waiting[i]->asked.id, before);
    }
    const bool stuck = left.size() == waiting.size();
    waiting = std::move(left);
    const bool moved =
        !stuck || std::any_of(waiting.begin(), waiting.end(), [&](Pending* one) { return yield(*one); });
    if (!moved) round = kMaxRounds;
  }
}

Json MailboxSetter::updatedJson(const MailboxNode& node, const MailboxWish& wish) {
  Json out = Json::object();
  if (wish.saidName && *wish.saidName != node.name) out["name"] = node.name;
  const bool asWished = wish.order && *wish.order == sortOrderOf(node);
  if (!asWished && (wish.order || wish.role)) out["sortOrder"] = sortOrderOf(node);
  return out.empty() ? Json(nullptr) : out;
}

}  // namespace posthorn::mshttpd::jmap
