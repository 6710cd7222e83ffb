// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/msconfig/line_reader.h"

namespace posthorn::msconfig {

class Editor;

/// Reads commands until `exit` or the end of the input. The prompt is "msconfig> ", with edits that are not
/// written "msconfig# ". Nothing is written that was not told by `write`: edits that remain at the end are
/// dropped, loudly. Returns the exit status: when somebody types 0, else that of the last command that
/// failed.
int runShell(Editor& editor, LineReader& lines);

}  // namespace posthorn::msconfig
