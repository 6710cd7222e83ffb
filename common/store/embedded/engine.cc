// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/engine.h"

#include <algorithm>
#include <atomic>
#include <list>
#include <map>
#include <random>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/locked.h"
#include "common/store/embedded/escape.h"
#include "common/store/embedded/open_accounts.h"
#include "common/store/embedded/repair.h"
#include "common/store/engine/limits.h"

namespace posthorn::store {

namespace {

using embedded::AccountDir;
using embedded::EmbeddedDomain;
using embedded::OpenAccounts;

// Descriptors of one open account: its directory and log, and LMDB's three.
constexpr std::size_t kFdsPerAccount = 5;
constexpr std::size_t kMaxOpenAccounts = 2048;

std::size_t openAccountsLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
  return std::clamp<std::size_t>(static_cast<std::size_t>(limit.rlim_cur) / 2 / kFdsPerAccount, 16,
                                 kMaxOpenAccounts);
}

/// The accounts that are kept open for the next session, the latest first.
class RecentAccounts {
 public:
  explicit RecentAccounts(std::size_t capacity) : capacity_(capacity) {}

  std::shared_ptr<EmbeddedDomain> find(View account) {
    const auto found = byName_.find(account);
    if (found == byName_.end()) return nullptr;
    recent_.splice(recent_.begin(), recent_, found->second);
    return found->second->second;
  }
  /// What falls out is handed back, so that it is closed outside of any lock.
  std::shared_ptr<EmbeddedDomain> insert(View account, std::shared_ptr<EmbeddedDomain> domain) {
    auto replaced = erase(account);
    recent_.emplace_front(std::string(account), std::move(domain));
    byName_.emplace(std::string(account), recent_.begin());
    if (recent_.size() <= capacity_) return replaced;
    return erase(std::string(recent_.back().first));
  }
  std::shared_ptr<EmbeddedDomain> erase(View account) {
    const auto found = byName_.find(account);
    if (found == byName_.end()) return nullptr;
    auto domain = std::move(found->second->second);
    recent_.erase(found->second);
    byName_.erase(found);
    return domain;
  }
  /// Those that only this list still holds.
  std::vector<std::shared_ptr<EmbeddedDomain>> takeIdle() {
    std::vector<std::shared_ptr<EmbeddedDomain>> idle;
    for (auto at = recent_.begin(); at != recent_.end();) {
      if (at->second.use_count() > 1) {
        ++at;
        continue;
      }
      idle.push_back(std::move(at->second));
      byName_.erase(at->first);
      at = recent_.erase(at);
    }
    return idle;
  }

 private:
  using Entry = std::pair<std::string, std::shared_ptr<EmbeddedDomain>>;
  const std::size_t capacity_;
  std::list<Entry> recent_;
  std::map<std::string, std::list<Entry>::iterator, std::less<>> byName_;
};

class EmbeddedEngine final : public Engine {
 public:
  explicit EmbeddedEngine(std::string root)
      : root_(std::move(root)), owner_(::getpid()), recent_(openAccountsLimit()) {}

  Result<std::shared_ptr<Domain>> open(View account, Create create) override;
  Status remove(View account) override;
  Status accounts(const std::function<bool(View)>& row) override;
  using Engine::rebuild;
  Result<RepairReport> rebuild(View account, const AfterLoss& afterLoss) override;
  void closeIdle() override;

 private:
  Status checkCall(View account) const;
  [[nodiscard]] std::string path(View account) const { return root_ + "/" + embedded::accountPath(account); }
  std::shared_ptr<EmbeddedDomain> findRecent(View account);
  void forget(View account);
  bool walkNames(const std::string& dir, const std::string& prefix, const std::function<bool(View)>& row);

  void sweepBelow(const std::string& dir);

  const std::string root_;
  const pid_t owner_;
  std::atomic<unsigned> swept_ = std::random_device{}();
  Locked<RecentAccounts> recent_;
};

Status EmbeddedEngine::checkCall(View account) const {
  // LMDB's locks and maps do not survive a fork.
  if (::getpid() != owner_) return makeError(Errc::Internal, "store: an engine was used across a fork");
  return checkAccount(account);
}

std::shared_ptr<EmbeddedDomain> EmbeddedEngine::findRecent(View account) {
  auto domain = recent_.with([&](RecentAccounts& recent) { return recent.find(account); });
  if (!domain || !domain->stale()) return domain;
  const auto dropped = recent_.with([&](RecentAccounts& recent) { return recent.erase(account); });
  return nullptr;
}

void EmbeddedEngine::forget(View account) {
  const auto dropped = recent_.with([&](RecentAccounts& recent) { return recent.erase(account); });
}

Result<std::shared_ptr<Domain>> EmbeddedEngine::open(View account, Create create) {
  PH_CHECK(checkCall(account));
  if (auto known = findRecent(account)) return std::shared_ptr<Domain>(std::move(known));
  auto domain = OpenAccounts::instance().acquire(path(account));
  if (!domain.ok() && domain.error().code == Errc::NotFound && create == Create::Yes) {
    PH_CHECK(embedded::createAccountDir(root_, embedded::accountPath(account)));
    domain = OpenAccounts::instance().acquire(path(account));
  }
  if (!domain.ok()) return std::move(domain).error();
  const auto dropped = recent_.with([&](RecentAccounts& recent) { return recent.insert(account, *domain); });
  return std::shared_ptr<Domain>(*domain);
}

// Out of sight first, then out of use, then gone: nobody ever sees half an account, and a session that still
// has it open hears NotFound at its next call. Commits up to that moment count as done before the removal.
Status EmbeddedEngine::remove(View account) {
  PH_CHECK(checkCall(account));
  forget(account);
  std::string aside;
  {
    PH_TRY(const AccountDir moved, embedded::moveAside(root_, embedded::accountPath(account)));
    aside = moved.path;
    auto domain = OpenAccounts::instance().acquire(aside);
    // An index that cannot be opened has no sessions to be told. When they cannot be told (a full disk, for
    // which the account may have to go), they find out when the directory is gone.
    if (domain.ok()) static_cast<void>((*domain)->markRemoved());
  }
  return embedded::removeAside(aside);
}

bool EmbeddedEngine::walkNames(const std::string& dir, const std::string& prefix,
                               const std::function<bool(View)>& row) {
  const auto fd = embedded::openDir(AT_FDCWD, dir);
  if (!fd.ok()) return true;
  const auto names = embedded::listDir(fd->get());
  if (!names.ok()) return true;
  for (const auto& name : *names) {
    if (embedded::isNamePart(name)) {
      if (!walkNames(fmt::format("{}/{}", dir, name), fmt::format("{}{}/", prefix, name), row)) return false;
      continue;
    }
    const auto account = embedded::accountOfName(prefix + name);
    if (account && !row(*account)) return false;
  }
  return true;
}

Status EmbeddedEngine::accounts(const std::function<bool(View)>& row) {
  PH_TRY(const UniqueFd root, embedded::openDir(AT_FDCWD, root_));
  PH_TRY(const auto first, embedded::listDir(root.get()));
  for (const auto& h1 : first) {
    if (h1.size() != 2) continue;
    PH_TRY(const UniqueFd middle, embedded::openDir(root.get(), h1));
    PH_TRY(const auto second, embedded::listDir(middle.get()));
    for (const auto& h2 : second) {
      if (h2.size() != 2) continue;
      if (!walkNames(fmt::format("{}/{}/{}", root_, h1, h2), "", row)) return {};
    }
  }
  return {};
}

Result<RepairReport> EmbeddedEngine::rebuild(View account, const AfterLoss& afterLoss) {
  PH_CHECK(checkCall(account));
  forget(account);
  RepairReport report;
  PH_CHECK(OpenAccounts::instance().exclusively(path(account), [&]() -> Status {
    PH_TRY(report, embedded::repairAccount(path(account), afterLoss));
    return {};
  }));
  return report;
}

// Leftovers only cost space; what cannot be removed now is tried again.
void EmbeddedEngine::sweepBelow(const std::string& dir) {
  static_cast<void>(embedded::sweepAside(dir));
  const auto fd = embedded::openDir(AT_FDCWD, dir);
  if (!fd.ok()) return;
  const auto names = embedded::listDir(fd->get());
  if (!names.ok()) return;
  for (const auto& name : *names)
    if (embedded::isNamePart(name)) sweepBelow(fmt::format("{}/{}", dir, name));
}

// Also deletes what removals that were interrupted have left, in a different 256th of the store each time.
void EmbeddedEngine::closeIdle() {
  {
    const auto idle = recent_.with([](RecentAccounts& recent) { return recent.takeIdle(); });
  }
  if (::getpid() != owner_) return;
  const std::string h1 = fmt::format("{}/{:02x}", root_, swept_++ % 256);
  const auto fd = embedded::openDir(AT_FDCWD, h1);
  if (!fd.ok()) return;
  const auto names = embedded::listDir(fd->get());
  if (!names.ok()) return;
  for (const auto& h2 : *names)
    if (h2.size() == 2) sweepBelow(fmt::format("{}/{}", h1, h2));
}

}  // namespace

Result<std::unique_ptr<Engine>> openEmbeddedEngine(const std::string& root) {
  if (root.empty()) return makeError(Errc::Invalid, "store: no directory named");
  auto dir = embedded::openDir(AT_FDCWD, root);
  if (!dir.ok()) return std::move(dir).error();
  return std::unique_ptr<Engine>(std::make_unique<EmbeddedEngine>(root));
}

}  // namespace posthorn::store
