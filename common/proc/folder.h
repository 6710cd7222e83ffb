// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/proc/privileges.h"

// Folders for root to work in when others own them. A user who owns a folder on the way could lay a symbolic
// link there, so a path is walked step by step: from a folder or link of somebody else than root and
// ourselves it may lead only to what is the same user's. What is done below the descriptor then (openat,
// unlinkat) stays in that folder.

namespace posthorn::proc {

/// Opens the folder `path` (O_PATH: to be a place for openat, not to be read). Denied when the way there
/// cannot be trusted; NotFound or Io otherwise.
Result<UniqueFd> openFolder(const std::string& path);

/// The same, after making what is missing: folders belong to their parent's owner, save that the last one
/// gets `mode` and, when root makes it and `user` is given, belongs to that user.
Result<UniqueFd> makeFolder(const std::string& path, const RunAs* user, mode_t mode);

/// A path for calls that take no descriptor: `name` in `folder`, whatever lies at its path by now.
std::string pathIn(const UniqueFd& folder, const std::string& name);

}  // namespace posthorn::proc
