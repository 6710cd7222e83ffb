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

/// Builds a new index from the log alone and puts it in the place of the old one. The caller holds the
/// exclusive lock and has no index of the account open. `acknowledged`: the lsn that the old index showed:
/// groups up to it were whole once, so what is wrong with them is damage; behind it an unsound group is only
/// a write that a crash has interrupted. Without it the last group is judged by how it is unsound
/// (BodyState).
Result<RepairReport> rebuildIndex(const AccountDir& account, std::optional<std::uint64_t> acknowledged,
                                  Rebuild how);

}  // namespace posthorn::store::embedded
