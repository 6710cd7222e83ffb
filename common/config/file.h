// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <sys/stat.h>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace posthorn::config {

/// A file's text, at most a little over yaml::kMaxBytes of it, and what stat said while it was open.
struct FileText {
  std::string text;
  struct stat info {};
};
Result<FileText> readFile(const std::string& path);

/// Keeps other editors of the same file out for as long as it lives: a lock on the file's directory, so that
/// nothing is left behind and the rename of a new file does not lose it. Blocks until it is free.
class EditLock {
 public:
  static Result<EditLock> take(const std::string& path);

 private:
  explicit EditLock(UniqueFd directory) : directory_(std::move(directory)) {}
  UniqueFd directory_;
};

/// The file that `path` means after symbolic links; `path` itself when that cannot be told.
std::string resolvedPath(const std::string& path);

/// Puts `text` in the place of the file in one step, on disk when it returns: a temporary file beside it,
/// fsync, rename, fsync of the directory. Mode and owner stay as in `before`; a symbolic link stays one.
Status replaceFile(const std::string& path, const std::string& text, const FileText& before);

}  // namespace posthorn::config
