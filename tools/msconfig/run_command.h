// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/msconfig/command.h"

namespace posthorn::msconfig {

/// Runs the command that `words` is (not empty). With an editor of Mode::Command what it changed is then
/// written. Returns the exit status.
int runCommand(Editor& editor, const Words& words);

/// The same inside of another command, which the writing is left to.
int runNested(Editor& editor, const Words& words);

}  // namespace posthorn::msconfig
