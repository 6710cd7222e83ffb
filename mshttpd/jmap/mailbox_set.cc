// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/mailbox_setter.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {

void MailboxSetter::destroyOne(const SetArgs::Update& asked) {
  const MailboxNode* node = asked.id.empty() ? nullptr : tree_.find(asked.id);
  const auto refuse = [&](std::string_view type, std::string_view why) {
    reply_.notDestroyed(asked.named, setError(type, why));
  };
  if (node == nullptr) return refuse("notFound", "there is no such mailbox");
  if (node->role == "inbox") return refuse("forbidden", "the inbox stays");
  if (!holdsRight(*node, 'x')) return refuse("forbidden", "you may not delete this mailbox");
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
  // What names a creation of this very call.
  for (auto* list : {&set.update, &set.destroy}) {
    for (SetArgs::Update& one : *list) {
      if (one.id.empty()) one.id = call.resolve(one.named);
      if (!one.id.empty()) one.named = one.id;
    }
  }
  setter.update(set.update, set.destroy);
  setter.destroy(set.destroy);
  auto after = account->host->mailboxes();
  if (!after.ok()) return Failure{"serverPartialFail", "what was done could not be read again"};
  return setter.reply(before->state, after->state, MailboxTree(std::move(after->mailboxes)));
}

}  // namespace posthorn::mshttpd::jmap
