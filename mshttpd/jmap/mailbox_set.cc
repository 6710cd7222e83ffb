// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "common/base/ids.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/mailbox_sharing.h"
#include "mshttpd/jmap/mailbox_tree.h"
#include "mshttpd/jmap/mailbox_wish.h"
#include "mshttpd/jmap/methods.h"
#include "mshttpd/jmap/set.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// Rounds in which updates that stand in each other's way are tried again.
constexpr std::size_t kMaxRounds = 64;

bool holds(const MailboxNode& node, char right) {
  return node.data.rights.find(right) != std::string::npos;
}

/// The SetError of a refusal that has to do with one property.
Json refusal(const Error& error, const std::string& property) {
  Json out = setErrorOf(error);
  if (out["type"] == "invalidProperties") out["properties"] = Json::array({property});
  return out;
}

/// One Mailbox/set on its way. What has been done at the back end is done in `tree_`, too.
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

  bool createOne(const std::string& creationId, const Json& object, bool mayWait);
  [[nodiscard]] Json whyNotCreated(const MailboxWish& wish, std::string& path) const;
  [[nodiscard]] Json place(const MailboxWish& wish, const MailboxNode* self, std::string& path) const;
  bool readUpdate(const SetArgs::Update& asked, Pending& out);
  Step updateOne(Pending& pending, const std::vector<Pending*>& others, bool last);
  [[nodiscard]] Json whyNotUpdated(const Pending& pending, const MailboxNode& node, std::string& path) const;
  [[nodiscard]] bool mayGoAway(const backend::Id& id, const Pending& self,
                               const std::vector<Pending*>& others, bool byName) const;
  Status apply(const Pending& pending, const MailboxNode& node, const std::string& path,
               std::string& property);
  bool yield(Pending& pending);
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
  if (moves && parent != nullptr && !holds(*parent, 'k'))
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
  const std::string& name = wish.name ? *wish.name : self->name;
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
  const bool subscribed = wish.subscribed.value_or(account_.own);
  const auto id = host_.createMailbox({path, use, subscribed});
  if (!id.ok()) {
    reply_.notCreated(creationId, refusal(id.error(), "name"));
    return true;
  }
  if (wish.sharing) {
    const Status shared = writeSharing(host_, path, {}, *wish.sharing);
    if (!shared.ok()) {
      (void)host_.removeMailbox(path, false);
      reply_.notCreated(creationId, refusal(shared.error(), "shareWith"));
      return true;
    }
  }
  imap::jmap::MailboxData made;
  made.id = *id;
  made.name = {path};
  if (!use.empty()) made.specialUses.push_back(use);
  made.rights = "lrswipkxtea";
  made.subscribed = subscribed;
  tree_.add(std::move(made));
  call_.created(creationId, *id);
  created_[creationId] = {*id, object};
  return true;
}

void MailboxSetter::create(const std::vector<std::pair<std::string, Json>>& objects) {
  std::vector<const std::pair<std::string, Json>*> waiting;
  for (const auto& one : objects) waiting.push_back(&one);
  bool mayWait = true;
  while (!waiting.empty()) {
    const std::size_t before = waiting.size();
    std::erase_if(waiting, [&](const auto* one) { return createOne(one->first, one->second, mayWait); });
    // Nobody creates the parents of those that are left.
    mayWait = waiting.size() < before;
  }
}

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
      reply_.notUpdated(asked.named, refusal(read.error(), "shareWith"));
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
  if (renames && (inbox || !holds(node, 'x')))
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

Status MailboxSetter::apply(const Pending& pending, const MailboxNode& node, const std::string& path,
                            std::string& property) {
  const MailboxWish& wish = pending.wish;
  const backend::Id id = node.data.id;
  const std::string from = node.data.name.utf8;
  const std::string role = node.role;
  const bool renamed = path != from;
  property = "name";
  if (renamed) {
    PH_CHECK(host_.renameMailbox(from, path));
    tree_.rename(from, path);
  }
  const auto undoName = [&](Status failed) {
    if (renamed && host_.renameMailbox(path, from).ok()) tree_.rename(path, from);
    return failed;
  };
  property = "role";
  const bool newRole = wish.role && *wish.role != role;
  if (newRole) {
    const std::string use(useOfRole(*wish.role));
    if (Status done = host_.setSpecialUse(path, use); !done.ok()) return undoName(std::move(done));
    tree_.setRole(id, use);
  }
  const auto undoRole = [&](Status failed) {
    if (newRole && host_.setSpecialUse(path, std::string(useOfRole(role))).ok())
      tree_.setRole(id, useOfRole(role));
    return undoName(std::move(failed));
  };
  property = "isSubscribed";
  const MailboxNode* now = tree_.find(id);
  const bool was = now != nullptr && now->data.subscribed;
  const bool newSubscription = wish.subscribed && *wish.subscribed != was;
  if (newSubscription) {
    if (Status done = host_.subscribe(path, *wish.subscribed); !done.ok()) return undoRole(std::move(done));
    tree_.setSubscribed(id, *wish.subscribed);
  }
  property = "shareWith";
  if (!wish.sharing) return {};
  const auto sharing = readSharing(host_, account_.owner, path);
  Status shared = sharing.ok() ? writeSharing(host_, path, *sharing, *wish.sharing) : Status(sharing.error());
  if (shared.ok()) return {};
  if (newSubscription && host_.subscribe(path, was).ok()) tree_.setSubscribed(id, was);
  return undoRole(std::move(shared));
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
  const Status done = apply(pending, *node, path, property);
  if (!done.ok()) {
    reply_.notUpdated(pending.asked.named, refusal(done.error(), property));
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
  std::map<backend::Id, std::pair<std::string, std::string>> before;
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
      if (step != Step::Refused || !waiting[i]->yielded) continue;
      // It had made room for others and gets back what is still free.
      const auto& [path, role] = before[waiting[i]->asked.id];
      const MailboxNode* node = tree_.find(waiting[i]->asked.id);
      if (node == nullptr) continue;
      const backend::Id id = node->data.id;
      const std::string now = node->data.name.utf8;
      if (now != path && tree_.named(path) == nullptr && host_.renameMailbox(now, path).ok())
        tree_.rename(now, path);
      const std::string use(useOfRole(role));
      if (!use.empty() && tree_.withRole(role) == nullptr &&
          host_.setSpecialUse(tree_.find(id)->data.name.utf8, use).ok())
        tree_.setRole(id, use);
    }
    const bool stuck = left.size() == waiting.size();
    waiting = std::move(left);
    const bool moved =
        !stuck || std::any_of(waiting.begin(), waiting.end(), [&](Pending* one) { return yield(*one); });
    if (!moved) round = kMaxRounds;
  }
}

void MailboxSetter::destroyOne(const SetArgs::Update& asked) {
  const MailboxNode* node = asked.id.empty() ? nullptr : tree_.find(asked.id);
  const auto refuse = [&](std::string_view type, std::string_view why) {
    reply_.notDestroyed(asked.named, setError(type, why));
  };
  if (node == nullptr) return refuse("notFound", "there is no such mailbox");
  if (node->role == "inbox") return refuse("forbidden", "the inbox stays");
  if (!holds(*node, 'x')) return refuse("forbidden", "you may not delete this mailbox");
  if (tree_.hasChild(node->data.id)) return refuse("mailboxHasChild", "it has mailboxes in it");
  if (node->data.messages > 0 && !removeEmails_) return refuse("mailboxHasEmail", "it has messages in it");
  const Status done = host_.removeMailbox(node->data.name.utf8, removeEmails_);
  if (!done.ok() && done.error().code == Errc::Conflict)
    return refuse("mailboxHasEmail", "it has messages in it");
  if (!done.ok()) return reply_.notDestroyed(asked.named, setErrorOf(done.error()));
  tree_.remove(asked.id);
  reply_.destroyed(asked.id);
}

void MailboxSetter::destroy(std::vector<SetArgs::Update> doomed) {
  const auto depth = [&](const SetArgs::Update& one) {
    const MailboxNode* node = tree_.find(one.id);
    return node != nullptr ? node->depth : 0;
  };
  // Children first, so that a tree may go in one call.
  std::stable_sort(doomed.begin(), doomed.end(),
                   [&](const auto& a, const auto& b) { return depth(a) > depth(b); });
  for (const SetArgs::Update& one : doomed) destroyOne(one);
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

Json MailboxSetter::updatedJson(const MailboxNode& node, const MailboxWish& wish) {
  Json out = Json::object();
  if (wish.saidName && *wish.saidName != node.name) out["name"] = node.name;
  if (wish.saidOrder && *wish.saidOrder != static_cast<std::int64_t>(sortOrderOf(node.role)))
    out["sortOrder"] = sortOrderOf(node.role);
  if (wish.role && !wish.saidOrder) out["sortOrder"] = sortOrderOf(node.role);
  return out.empty() ? Json(nullptr) : out;
}

Json MailboxSetter::reply(const std::string& oldState, const std::string& newState, const MailboxTree& now) {
  for (const auto& [creationId, made] : created_) {
    const MailboxNode* node = now.find(made.first);
    if (node == nullptr) node = tree_.find(made.first);
    reply_.created(creationId, node != nullptr ? createdJson(*node, made.second) : Json{{"id", made.first}});
  }
  for (const Pending& one : updated_) {
    const MailboxNode* node = now.find(one.asked.id);
    if (node != nullptr) reply_.updated(one.asked.named, updatedJson(*node, one.wish));
  }
  return reply_.arguments(account_.id, oldState, newState);
}

}  // namespace

Answer mailboxSet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  SetArgs set;
  if (const auto refused = readSetArgs(call, args, set)) return *refused;
  const auto removeEmails = boolArgument(args, "onDestroyRemoveEmails", false);
  if (!removeEmails.ok()) return removeEmails.error();
  auto before = account->host->mailboxes();
  if (!before.ok()) return before.error();
  if (set.ifInState && *set.ifInState != before->state)
    return Failure{"stateMismatch", "the account is in another state"};
  MailboxSetter setter(call, *account, MailboxTree(std::move(before->mailboxes)), *removeEmails);
  setter.create(set.create);
  setter.update(set.update, set.destroy);
  setter.destroy(set.destroy);
  auto after = account->host->mailboxes();
  if (!after.ok()) return Failure{"serverPartialFail", "what was done could not be read again"};
  return setter.reply(before->state, after->state, MailboxTree(std::move(after->mailboxes)));
}

}  // namespace posthorn::mshttpd::jmap
