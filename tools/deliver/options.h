// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/types.h"

namespace posthorn::deliver {

/// The command line.
struct Options {
  std::string config;
  std::string mailbox = "INBOX";
  bool create = false;                    ///< -c
  bool ignoreQuota = false;               ///< -q
  std::optional<std::string> returnPath;  ///< -f, -r: without angle brackets; empty is the null sender
  std::string author;                     ///< -a
  store::SystemFlags flags = 0;           ///< -F
  std::vector<std::string> keywords;      ///< -F
  std::vector<std::string> users;
  bool help = false;
  bool version = false;
};

/// Invalid says what is wrong with the line; Unsupported for -l.
Result<Options> parseOptions(int argc, char** argv);

extern const char* const kHelp;

}  // namespace posthorn::deliver
