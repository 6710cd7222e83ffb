// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/repair.h"

#include <limits>
#include <memory>

#include "common/store/embedded/domain.h"
#include "common/store/embedded/index_check.h"
#include "common/store/embedded/ledger.h"
#include "common/store/embedded/rebuild.h"
#include "common/store/embedded/recovery.h"

namespace posthorn::store::embedded {

// What the old index shows, when it can still be asked.
static std::optional<OldIndex> judgeOld(const AccountDir& account) {
  const auto index = Index::open(account.indexPath(), Index::Mode::Shared);
  if (!index.ok()) return {};
  auto txn = (*index)->beginRead();
  if (!txn.ok() || !checkIndexPages(account.indexPath(), *txn, kPagesAtOpen).ok()) return {};
  const auto position = readPosition(*txn);
  if (!position.ok()) return {};
  OldIndex old{position->lsn, false};
  const auto held = logHolds(account, *position);
  if (!held.ok() || !*held) return old;
  old.sound = checkIndexPages(account.indexPath(), *txn, std::numeric_limits<std::size_t>::max()).ok();
  return old;
}

Result<RepairReport> repairAccount(const std::string& path, const Engine::AfterLoss& afterLoss) {
  PH_TRY(AccountDir account, AccountDir::open(path, LockMode::Exclusive));
  PH_TRY(Rebuilt rebuilt, rebuildIndex(account, judgeOld(account), Rebuild::Always));
  if (!rebuilt.rebase) return std::move(rebuilt.report);
  PH_TRY(auto index, Index::open(account.indexPath(), Index::Mode::Shared));
  const auto domain = EmbeddedDomain::adopt(std::move(account), std::move(index));
  if (rebuilt.report.commitsLost && afterLoss) PH_CHECK(afterLoss(*domain));
  PH_CHECK(domain->rebase());
  return std::move(rebuilt.report);
}

}  // namespace posthorn::store::embedded
