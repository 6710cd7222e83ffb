// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/store/engine/engine.h"

namespace posthorn::store {

/// Accounts as directories below `root`, which exists: LMDB as the view of an append-only log of segments.
/// Not for network file systems (shared maps and robust mutexes).
Result<std::unique_ptr<Engine>> openEmbeddedEngine(const std::string& root);

}  // namespace posthorn::store
