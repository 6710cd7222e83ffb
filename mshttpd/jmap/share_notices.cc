// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/share_notices.h"

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "common/base/ids.h"
#include "mshttpd/jmap/dates.h"
#include "mshttpd/jmap/principals.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr const char* kEntry = "/private/vendor/posthorn/sharenotifications";
/// People that one call tells: each is an account to be opened.
constexpr std::size_t kMostTold = 50;
constexpr unsigned kAttempts = 4;

/// Opens a user's notices, in his name but for no client of his; lets `change` work on them and keeps what
/// comes out.
void edit(Call& call, const std::string& user, const std::function<void(KeptObjects&)>& change) {
  const auto host = call.services().hosts.open(user, user, {});
  if (!host.ok() || !(*host)->abilities().metadata) return;
  for (unsigned attempt = 0; attempt < kAttempts; ++attempt) {
    Result<KeptObjects> kept = readShareNotices(**host);
    if (!kept.ok()) return;
    change(*kept);
    const Status saved = kept->save(**host);
    if (saved.ok() || saved.error().code != Errc::Conflict) return;
  }
}

Json rightsOrNull(const Sharing& sharing, const std::string& who) {
  const auto found = sharing.find(who);
  return found != sharing.end() ? rightsJson(found->second) : Json(nullptr);
}

Json changedBy(const Caller& caller) {
  return {{"name", caller.name.empty() ? caller.user : caller.name},
          {"email", caller.email.empty() ? Json(nullptr) : Json(caller.email)},
          {"principalId", accountId(caller.user)}};
}

}  // namespace

Result<KeptObjects> readShareNotices(backend::MailHost& host) {
  return KeptObjects::read(host, kEntry, {.dropOldest = true});
}

void noteShares(Call& call, const Call::Account& account, const SharedObject& object, const Sharing& before,
                const Sharing& after) {
  std::set<std::string> people;
  for (const auto& [who, rights] : before)
    if (const auto now = after.find(who); now == after.end() || now->second != rights) people.insert(who);
  for (const auto& [who, rights] : after)
    if (before.count(who) == 0) people.insert(who);
  people.erase(call.caller().user);
  std::size_t told = 0;
  for (const std::string& who : people) {
    // An access list may name who is nobody: no account is opened for such a name.
    const auto person = call.services().principals.get(call.caller().user, who);
    if (!person.ok() || !*person || ++told > kMostTold) continue;
    const Json notice = {{"created", printUtcDate(secondsOf(call.now()))},
                         {"changedBy", changedBy(call.caller())},
                         {"objectType", "Mailbox"},
                         {"objectAccountId", account.id},
                         {"objectId", object.id},
                         {"name", object.name},
                         {"oldRights", rightsOrNull(before, who)},
                         {"newRights", rightsOrNull(after, who)}};
    edit(call, who, [&](KeptObjects& kept) { kept.put("n" + Id128::random().hex(), notice); });
  }
}

void forgetShares(Call& call, const backend::Id& object) {
  edit(call, call.caller().user, [&](KeptObjects& kept) {
    std::vector<std::string> ids;
    for (const auto& [id, notice] : kept.objects())
      if (const auto about = notice.find("objectId"); about != notice.end() && *about == object)
        ids.push_back(id);
    for (const std::string& id : ids) kept.remove(id);
  });
}

}  // namespace posthorn::mshttpd::jmap
