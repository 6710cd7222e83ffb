// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/msconfig/command.h"

namespace posthorn::msconfig {

/// The program under its older name, with the older tool's switches; what it changes is written at once.
/// Returns the exit status.
int runConfigutil(const Words& words);

}  // namespace posthorn::msconfig
