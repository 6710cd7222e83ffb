// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "common/base/result.h"

namespace posthorn::proc {

/// The system user that workers and tools run as, looked up once before anything is forked.
struct RunAs {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  ///< supplementary, the primary one included
};

/// Looks `name` up. NotFound with what to do when there is no such user; Denied when it is root.
Result<RunAs> findUser(const std::string& name);

/// True when this process already runs as `user` and could not become anybody else.
bool alreadyRunsAs(const RunAs& user);

/// Becomes `user` for good: groups, gid, uid (real, effective, saved), then no capability in any set, nothing
/// to be gained by exec (no_new_privs). As a non-root process only the last two, and Denied when `user` is
/// another one. Verified before it returns ok. One thread only.
Status becomeForGood(const RunAs& user);

}  // namespace posthorn::proc
