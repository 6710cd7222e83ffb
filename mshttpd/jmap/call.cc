// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

const Call::Account* Call::account(const Json& args, Failure& failure) {
  return account(args, "accountId", failure);
}

const Call::Account* Call::account(const Json& args, const char* name, Failure& failure) {
  const Result<std::optional<std::string>> id = stringArgument(args, name);
  if (!id.ok() || !*id) {
    failure = {"invalidArguments", std::string(name) + " must be an id"};
    return nullptr;
  }
  const auto known = accounts_.find(**id);
  if (known != accounts_.end()) return &known->second;
  return open(**id, failure);
}

const Call::Account* Call::open(const std::string& id, Failure& failure) {
  const std::optional<std::string> owner = userOf(id);
  const bool own = owner && *owner == caller_.user;
  if (!own) {
    const Result<bool> shared = owner ? sharedBy(*owner) : Result<bool>(false);
    if (!shared.ok()) {
      failure = failureOf(shared.error());
      return nullptr;
    }
    if (!*shared) {
      failure = {"accountNotFound", "there is no account " + id.substr(0, 255) + " for you"};
      return nullptr;
    }
  }
  Result<std::unique_ptr<backend::MailHost>> host =
      services_.hosts.open(caller_.user, *owner, caller_.client);
  if (!host.ok()) {
    failure = failureOf(host.error());
    return nullptr;
  }
  const Account& opened = accounts_.emplace(id, Account{id, *owner, own, std::move(*host)}).first->second;
  // Connections are few: a request about several accounts has one at a time, not one of each.
  if (accounts_.size() > 1)
    for (const auto& [other, account] : accounts_) account.host->holdNothing();
  return &opened;
}

Result<bool> Call::sharedBy(const std::string& owner) const {
  PH_TRY(const std::vector<backend::SharedAccount> shared,
         services_.hosts.sharedWith(caller_.user, caller_.client));
  return std::any_of(shared.begin(), shared.end(),
                     [&](const backend::SharedAccount& account) { return account.owner == owner; });
}

std::string Call::resolve(const std::string& id) const {
  if (id.empty() || id.front() != '#') return isId(id) ? id : std::string();
  const auto found = createdIds_.find(id.substr(1));
  return found != createdIds_.end() ? found->second : std::string();
}

void Call::created(const std::string& creationId, const std::string& id) {
  createdIds_[creationId] = id;
}

void Call::follow(std::string method, Json arguments) {
  following_.emplace_back(std::move(method), std::move(arguments));
}

}  // namespace posthorn::mshttpd::jmap
