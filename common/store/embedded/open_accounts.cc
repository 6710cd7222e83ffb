// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/open_accounts.h"

#include <exception>

namespace posthorn::store::embedded {

OpenAccounts& OpenAccounts::instance() {
  // Never destroyed: a domain may be closed by a thread that outlives the statics.
  static auto* const accounts = new OpenAccounts;
  return *accounts;
}

void OpenAccounts::release(const Identity& identity) {
  {
    const std::lock_guard<std::mutex> guard(mutex_);
    slots_.erase(identity);
  }
  released_.notify_all();
}

std::shared_ptr<EmbeddedDomain> OpenAccounts::wrap(const Identity& identity,
                                                   std::unique_ptr<EmbeddedDomain> domain) {
  return {domain.release(), [this, identity](EmbeddedDomain* closing) {
            delete closing;
            release(identity);
          }};
}

// An account whose slot stayed behind could never be opened again by this process.
static Result<std::unique_ptr<EmbeddedDomain>> openGuarded(const std::string& path,
                                                           const AccountDir::Identity& identity) {
  try {
    return EmbeddedDomain::open(path, identity);
  } catch (const std::exception& thrown) {
    return makeError(Errc::Internal, std::string("store: opening an account threw: ") + thrown.what());
  }
}

Result<std::shared_ptr<EmbeddedDomain>> OpenAccounts::acquire(const std::string& path) {
  for (;;) {
    PH_TRY(const Identity identity, AccountDir::identify(path));
    {
      std::unique_lock<std::mutex> lock(mutex_);
      const auto [slot, fresh] = slots_.try_emplace(identity);
      if (!fresh) {
        if (auto domain = slot->second.domain.lock()) return domain;
        released_.wait(lock);  // it is being opened or closed; then look again
        continue;
      }
    }
    auto opened = openGuarded(path, identity);
    if (!opened.ok()) {
      release(identity);
      if (opened.error().code == Errc::Conflict) continue;
      return opened.error();
    }
    auto domain = wrap(identity, std::move(*opened));
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      slots_[identity].domain = domain;
    }
    released_.notify_all();
    return domain;
  }
}

// The last reference must not be dropped under the mutex, which its deleter takes.
Status OpenAccounts::reserve(const Identity& identity) {
  std::shared_ptr<EmbeddedDomain> user;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    const auto [slot, fresh] = slots_.try_emplace(identity);
    if (fresh) return {};
    user = slot->second.domain.lock();
    if (user) break;
    released_.wait(lock);
  }
  lock.unlock();
  return makeError(Errc::Busy, "store: the account is in use in this process");
}

Status OpenAccounts::exclusively(const std::string& path, const std::function<Status()>& work) {
  PH_TRY(const Identity identity, AccountDir::identify(path));
  PH_CHECK(reserve(identity));
  Status status;
  try {
    status = work();
  } catch (const std::exception& thrown) {
    status = makeError(Errc::Internal, std::string("store: work on an account threw: ") + thrown.what());
  }
  release(identity);
  return status;
}

}  // namespace posthorn::store::embedded
