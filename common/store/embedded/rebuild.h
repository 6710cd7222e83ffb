// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/result.h"
#include "common/store/embedded/account_dir.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::embedded {

enum class Rebuild {
  IfSound,  ///< leaves everything as it is when a batch is damaged or missing; looks at no old blob
  Always,   ///< goes on behind damage, checks every live blob, and reports what is lost
};

/// What the account's present index is good for.
struct OldIndex {
  std::uint64_t lsn = 0;  ///< of the last commit that it shows
  bool sound = false;     ///< every page is in order, and the log holds that commit
};

struct Rebuilt {
  RepairReport report;
  bool kept = false;  ///< the old index is still in place: it shows what the log has lost
  bool rebase =
      false;  ///< the index knows better than the log: a snapshot must go there (Maintenance::rebase)
};

/// Builds a new index from the log alone and puts it in the place of the old one. The caller holds the
/// exclusive lock and has no index of the account open. `old`: groups up to its lsn were whole once, so what
/// is wrong with them is damage; behind it an unsound group is only a write that a crash has interrupted.
/// Without it the last group is judged by how it is unsound (BodyState). With damage the old index is left
/// aside as index.old. When commits are lost the loss mark is made before the new index is in place.
Result<Rebuilt> rebuildIndex(const AccountDir& account, const std::optional<OldIndex>& old, Rebuild how);

/// The loss mark: the index lacks commits that somebody knew of, and what must follow from that (repair.h) is
/// not done. While it is there the account does not open.
Result<bool> hasLossMark(const AccountDir& account);
Status removeLossMark(const AccountDir& account);

}  // namespace posthorn::store::embedded
