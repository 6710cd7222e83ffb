// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/store/engine/engine.h"

namespace posthorn::store {

/// Accounts that live as long as the engine, for unit tests of what stands on the store: the same rules, the
/// same errors and limits as the embedded engine, no file.
std::unique_ptr<Engine> openMemoryEngine();

}  // namespace posthorn::store
