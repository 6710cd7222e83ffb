// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/result.h"

namespace posthorn::imquotacheck {

/// The command line.
struct Options {
  std::string config;
  std::string user;            ///< -u: a login name or an address; empty: all
  std::string domain;          ///< -d: lower case; empty: all
  bool fromDirectory = false;  ///< -a: the directory's users, whether or not they have mail
  bool json = false;
  bool notify = false;  ///< -n
  bool dryRun = false;  ///< -D: say who would be told, tell nobody
  std::string rules;    ///< -r: empty: imq.rulefile in server.directory
  std::string letter;   ///< -t: a file; empty: what the rule says
  bool help = false;
  bool version = false;
};

/// Invalid says what is wrong with the line; Unsupported for -f.
Result<Options> parseOptions(int argc, char** argv);

extern const char* const kHelp;

}  // namespace posthorn::imquotacheck
