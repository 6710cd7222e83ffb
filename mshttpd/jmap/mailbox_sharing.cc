// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/mailbox_sharing.h"

#include <utility>
#include <vector>

#include "common/base/ascii.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::size_t kMaxPeople = 1000;  // of one mailbox

bool isPerson(const std::string& who) {
  return !who.empty() && !ascii::equal(who, "anyone") && !ascii::equal(who, "anonymous") &&
         !ascii::equal(who, "owner") &&
         std::string_view("-$@#").find(who.front()) == std::string_view::npos &&
         !ascii::startsWith(who, "group=") && !ascii::startsWith(who, "group:");
}

}  // namespace

Result<Sharing> readSharing(backend::MailHost& host, const std::string& owner, const std::string& mailbox) {
  PH_TRY(const std::vector<backend::Grant> grants, host.grants(mailbox));
  Sharing out;
  for (const backend::Grant& grant : grants) {
    if (isPerson(grant.who) && grant.who != owner) out[grant.who] = sortedRights(grant.rights);
  }
  return out;
}

Json sharingJson(const Sharing& sharing) {
  if (sharing.empty()) return nullptr;
  Json out = Json::object();
  for (const auto& [who, rights] : sharing) out[accountId(who)] = rightsJson(rights);
  return out;
}

std::optional<Sharing> parseSharing(const Json& value, const std::string& owner) {
  Sharing out;
  if (value.is_null()) return out;
  if (!value.is_object() || value.size() > kMaxPeople) return std::nullopt;
  for (const auto& [id, rights] : value.items()) {
    const auto who = userOf(id);
    const auto parsed = rightsOf(rights);
    if (!who || !parsed || !isPerson(*who) || *who == owner) return std::nullopt;
    // Nothing but "false" takes the mailbox away from him.
    if (parsed->empty()) continue;
    // Who may do anything with a mailbox sees that it is there.
    out[*who] = parsed->find('l') == std::string::npos ? sortedRights(*parsed + "l") : *parsed;
  }
  return out;
}

Status writeSharing(backend::MailHost& host, const std::string& mailbox, const Sharing& now,
                    const Sharing& wanted) {
  std::vector<backend::Grant> changes;
  for (const auto& [who, rights] : now) {
    if (wanted.count(who) == 0) changes.push_back({who, ""});
  }
  for (const auto& [who, rights] : wanted) {
    const auto before = now.find(who);
    if (before == now.end() || before->second != rights) changes.push_back({who, rights});
  }
  for (std::size_t i = 0; i < changes.size(); ++i) {
    Status done = host.grant(mailbox, changes[i]);
    if (done.ok()) continue;
    while (i-- > 0) {
      const auto before = now.find(changes[i].who);
      (void)host.grant(mailbox, {changes[i].who, before == now.end() ? "" : before->second});
    }
    return done;
  }
  return {};
}

}  // namespace posthorn::mshttpd::jmap
