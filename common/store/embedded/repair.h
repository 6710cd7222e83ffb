// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::embedded {

/// Engine::rebuild for the account's directory. The caller has seen to it that this process does not have the
/// account open. Busy when another one has.
///
/// A log with damage is made whole again by a Snapshot of the index that was chosen, so that a second repair
/// finds nothing. Interrupted at any point it leaves either the old state or an account that does not open
/// before it was repaired again.
Result<RepairReport> repairAccount(const std::string& path, const Engine::AfterLoss& afterLoss);

}  // namespace posthorn::store::embedded
