// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/session_resource.h"

#include <cstdint>
#include <vector>

#include "common/auth/nobody.h"
#include "mshttpd/jmap/capabilities.h"
#include "mshttpd/jmap/json.h"

namespace posthorn::mshttpd::jmap {
namespace {

std::vector<AccountView> accountsOf(const Services& services, const Caller& caller) {
  std::vector<AccountView> out{{accountId(caller.user), caller.user, true}};
  const auto shared = services.hosts.sharedWith(caller.user, caller.client);
  if (!shared.ok()) return out;
  for (const backend::SharedAccount& account : *shared)
    out.push_back({accountId(account.owner), account.owner, false});
  return out;
}

Json accountOf(const Services& services, const Caller& caller, const AccountView& account) {
  Json capabilities = Json::object();
  for (const CapabilitySpec& row : capabilityTable())
    if (row.account != nullptr && (account.own || row.shared))
      capabilities[std::string(row.uri)] = row.account(services.limits, caller, account);
  capabilities[std::string(kPrincipalsOwner)] = {{"accountIdForPrincipal", accountId(caller.user)},
                                                 {"principalId", account.id}};
  const std::string& name = account.own && !caller.email.empty() ? caller.email : account.owner;
  return {{"name", name},
          {"isPersonal", account.own},
          {"isReadOnly", caller.user == auth::kNobody},
          {"accountCapabilities", std::move(capabilities)}};
}

/// All but the URLs and the state.
Json body(const Services& services, const Caller& caller) {
  Json capabilities = Json::object();
  Json primary = Json::object();
  for (const CapabilitySpec& row : capabilityTable()) {
    capabilities[std::string(row.uri)] = row.session(services.limits);
    if (row.account != nullptr) primary[std::string(row.uri)] = accountId(caller.user);
  }
  Json accounts = Json::object();
  for (const AccountView& account : accountsOf(services, caller))
    accounts[account.id] = accountOf(services, caller, account);
  return {{"capabilities", std::move(capabilities)},
          {"accounts", std::move(accounts)},
          {"primaryAccounts", std::move(primary)},
          {"username", caller.user}};
}

/// FNV-1a: the same in every worker and release; nothing depends on its being hard to meet.
std::string stateOf(const Json& body) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : printJson(body)) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return std::to_string(hash);
}

}  // namespace

Json sessionResource(const Services& services, const Caller& caller, const std::string& origin) {
  Json out = body(services, caller);
  const std::string state = stateOf(out);
  out["apiUrl"] = origin + kApiPath;
  out["downloadUrl"] = origin + kDownloadPath + "?accept={type}";
  out["uploadUrl"] = origin + kUploadPath;
  out["eventSourceUrl"] = origin + kEventSourcePath + "?types={types}&closeafter={closeafter}&ping={ping}";
  out["state"] = state;
  return out;
}

std::string sessionState(const Services& services, const Caller& caller) {
  return stateOf(body(services, caller));
}

}  // namespace posthorn::mshttpd::jmap
