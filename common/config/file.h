// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <sys/stat.h>

#include "common/base/result.h"

namespace posthorn::config {

/// A file's text, at most a little over yaml::kMaxBytes of it, and what stat said while it was open.
struct FileText {
  std::string text;
  struct stat info {};
};
Result<FileText> readFile(const std::string& path);

}  // namespace posthorn::config
