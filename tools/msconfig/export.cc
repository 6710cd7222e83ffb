// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <iostream>

#include <fcntl.h>
#include <unistd.h>

#include "common/base/unique_fd.h"
#include "common/config/value.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/view.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

/// Lines that `import` reads. A password that is not to be shown is only a comment: nobody shall import
/// asterisks.
std::string listing(const View& view, bool passwords, bool legacy) {
  std::string text;
  for (const Shown& shown : view.all()) {
    if (!shown.isSet) continue;
    const config::Option& row = shown.option();
    const std::string name = legacy ? legacyName(shown) : shown.name;
    const std::string value =
        legacy ? legacyValue(shown, passwords) : shownValue(row, shown.value, passwords);
    const bool masked = row.secret() && !passwords;
    text.append(masked ? "# " : "").append(name).append(" = ").append(value).append("\n");
  }
  return text;
}

/// A new file for its owner alone: what is exported may be passwords, and no file of that name is lost.
Status writeNew(const std::string& path, std::string_view text) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return errnoError(path + " cannot be made");
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errnoError(path + " cannot be written");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

int exportTo(Editor& editor, const Words& words) {
  const auto switches = readSwitches(words, {{"passwords", "legacy"}});
  if (!switches.ok()) return fail(switches.error());
  if (switches->rest.size() > 1)
    return fail(makeError(Errc::Invalid, "export [-legacy] [-passwords] [FILE]"));
  const View view(editor);
  if (!view.good()) {
    view.reportErrors();
    return kConfig;
  }
  const std::string text = listing(view, switches->has("passwords"), switches->has("legacy"));
  if (switches->rest.empty()) {
    std::cout << text;
    return kOk;
  }
  const Status written = writeNew(switches->rest.front(), text);
  return written.ok() ? kOk : fail(written.error());
}

}  // namespace posthorn::msconfig
