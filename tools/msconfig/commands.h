// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace posthorn::msconfig {

/// Exit statuses, after sysexits(3).
inline constexpr int kOk = 0;
inline constexpr int kUsage = 64;
inline constexpr int kNoPermission = 77;
inline constexpr int kConfig = 78;

struct ShowOptions {
  std::string pattern;  ///< empty: all
  bool changed = false;
  bool passwords = false;
};

// Each command prints its answer to stdout, what is wrong to stderr, and returns the exit status.
int check(const std::string& file);
int show(const std::string& file, const ShowOptions& options);
int get(const std::string& file, const std::string& name, bool passwords);
int set(const std::string& file, const std::vector<std::string>& words);
int unset(const std::string& file, const std::vector<std::string>& names);
int help(const std::string& name);
int sample();
int man();

}  // namespace posthorn::msconfig
