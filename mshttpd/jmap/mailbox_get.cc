// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/get.h"
#include "mshttpd/jmap/mailbox_sharing.h"
#include "mshttpd/jmap/mailbox_tree.h"
#include "mshttpd/jmap/methods.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// shareWith is another specification's property: told to who asks for it or uses that specification.
bool wantsSharing(const Call& call, const GetArgs& get) {
  return get.properties ? get.wants("shareWith") : call.uses(kPrincipals);
}

/// Only who may share a mailbox is told with whom.
Result<Json> sharingOf(const Call::Account& account, const MailboxNode& node) {
  const bool known = node.data.shared && node.data.rights.find('a') != std::string::npos;
  if (!known || !account.host->abilities().sharing) return Json(nullptr);
  PH_TRY(const Sharing sharing, readSharing(*account.host, account.owner, node.data.name.utf8));
  return sharingJson(sharing);
}

Result<Json> print(const Call& call, const Call::Account& account, const GetArgs& get,
                   const MailboxNode& node) {
  const Json whole = mailboxJson(node);
  Json out = Json::object();
  for (const auto& [name, value] : whole.items()) {
    if (name == "id" || get.wants(name)) out[name] = value;
  }
  if (wantsSharing(call, get)) {
    PH_TRY(out["shareWith"], sharingOf(account, node));
  }
  return out;
}

}  // namespace

Answer mailboxGet(Call& call, const Json& args) {
  Failure failure;
  const Call::Account* account = call.account(args, failure);
  if (account == nullptr) return failure;
  GetArgs get;
  if (const auto refused = readGetArgs(call, args, kMailboxProperties, get)) return *refused;
  auto list = account->host->mailboxes();
  if (!list.ok()) return list.error();
  const MailboxTree tree(std::move(list->mailboxes));
  if (get.all && tree.nodes().size() > call.limits().maxObjectsInGet) return tooManyObjects(call);
  if (get.all) {
    for (const MailboxNode& node : tree.nodes()) get.ids.push_back(node.data.id);
  }
  Json mailboxes = Json::array();
  for (const std::string& id : get.ids) {
    const MailboxNode* node = tree.find(id);
    if (node == nullptr) {
      get.notFound.push_back(id);
      continue;
    }
    auto one = print(call, *account, get, *node);
    if (!one.ok()) return one.error();
    mailboxes.push_back(std::move(*one));
  }
  return getResponse(account->id, list->state, std::move(mailboxes), get.notFound);
}

}  // namespace posthorn::mshttpd::jmap
