// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "tools/deliver/recipient.h"

namespace posthorn::deliver {

/// The command line.
struct Options {
  std::string config;
  Wishes wishes;                          ///< -m -c -q -a -F
  std::optional<std::string> returnPath;  ///< -f, -r: without angle brackets; empty is the null sender
  std::vector<std::string> users;
  bool help = false;
  bool version = false;
};

/// Invalid says what is wrong with the line; Unsupported for -l.
Result<Options> parseOptions(int argc, char** argv);

extern const char* const kHelp;

}  // namespace posthorn::deliver
