// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "tools/msconfig/editor.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

int write(Editor& editor, const Words& words) {
  const auto switches = readSwitches(words, {{}, {"remark"}});
  if (!switches.ok()) return fail(switches.error());
  if (!switches->rest.empty())
    return fail(makeError(Errc::Invalid, "write [-remark TEXT]; a text with blanks needs quotes"));
  const Status written = editor.write(switches->value("remark").value_or(""));
  return written.ok() ? kOk : fail(written.error());
}

int leave(Editor& editor, const Words& words) {
  if (!words.empty()) return fail(makeError(Errc::Invalid, "exit takes no words"));
  if (editor.leave()) return kOk;
  std::cerr << "There are edits that are not written: `diff` shows them, `write` writes them, a second "
               "`exit` drops "
               "them.\n";
  return kUnsaved;
}

}  // namespace posthorn::msconfig
