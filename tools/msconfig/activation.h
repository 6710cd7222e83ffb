// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/config/snapshot.h"

namespace posthorn::msconfig {

/// The commands that bring running services from `before` to `after`, as few as do it: "`restart-msg pop`,
/// `refresh imap`". Empty when nothing that runs is concerned.
std::string activation(const config::Snapshot& before, const config::Snapshot& after);

}  // namespace posthorn::msconfig
