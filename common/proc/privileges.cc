// SPDX-License-Identifier: Apache-2.0
#include "common/proc/privileges.h"

#include <array>
#include <cerrno>
#include <cstdint>

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace posthorn::proc {
namespace {

constexpr int kMaxGroups = 1024;

/// Not libcap: these are two system calls, and the child between fork and exec should run little code.
Status dropCapabilities(bool root) {
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0)
    return errnoError("clear ambient capabilities");
  if (root) {
    // Emptying the bounding set needs CAP_SETPCAP, so it comes before the user is changed.
    for (unsigned long cap = 0; ::prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; ++cap) {
      if (::prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0 && errno != EPERM)
        return errnoError("drop a capability");
    }
  }
  return okStatus();
}

/// Without root they need not be: no ambient set is left, so exec empties them, and a sandbox that forbids
/// capset (systemd's ~@privileged) must not keep workers from starting.
Status clearCapabilitySets(bool root) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0 && (root || errno != EPERM))
    return errnoError("clear capabilities");
  return okStatus();
}

Status changeUser(const RunAs& user) {
  if (::setgroups(user.groups.size(), user.groups.data()) != 0)
    return errnoError("set the groups of " + user.name);
  if (::setresgid(user.gid, user.gid, user.gid) != 0) return errnoError("set the group of " + user.name);
  if (::setresuid(user.uid, user.uid, user.uid) != 0) return errnoError("become " + user.name);
  return okStatus();
}

}  // namespace

Result<RunAs> findUser(const std::string& name) {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16384);
  const int failed = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (failed != 0) return errnoError(failed, "look up the user " + name);
  if (found == nullptr)
    return makeError(Errc::NotFound, "there is no system user \"" + name +
                                         "\": create it (useradd --system " + name + ") or set server.user");
  if (entry.pw_uid == 0)
    return makeError(Errc::Denied, "server.user must not be root: name an ordinary system user");
  RunAs user{name, entry.pw_uid, entry.pw_gid, std::vector<gid_t>(kMaxGroups)};
  int count = kMaxGroups;
  if (::getgrouplist(name.c_str(), entry.pw_gid, user.groups.data(), &count) < 0)
    return makeError(Errc::Limit, "the user " + name + " has too many groups");
  user.groups.resize(static_cast<std::size_t>(count));
  return user;
}

bool alreadyRunsAs(const RunAs& user) {
  uid_t real = 0;
  uid_t effective = 0;
  uid_t saved = 0;
  return ::getresuid(&real, &effective, &saved) == 0 && real == user.uid && effective == user.uid &&
         saved == user.uid;
}

Status becomeForGood(const RunAs& user) {
  const bool root = ::geteuid() == 0;
  PH_CHECK(dropCapabilities(root));
  if (root) {
    PH_CHECK(changeUser(user));
  }
  PH_CHECK(clearCapabilitySets(root));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errnoError("set no_new_privs");
  if (!alreadyRunsAs(user) || ::setuid(0) == 0)
    return makeError(Errc::Denied, "this process must run as root or as " + user.name);
  return okStatus();
}

}  // namespace posthorn::proc
