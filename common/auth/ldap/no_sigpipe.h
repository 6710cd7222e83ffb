// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <csignal>

namespace posthorn::auth::ldap {

/// While it lives, writing to a connection that the other side has closed is an error for this thread and no
/// signal: libldap writes without MSG_NOSIGNAL, and tools do not ignore SIGPIPE.
class NoSigpipe {
 public:
  NoSigpipe();
  ~NoSigpipe();
  NoSigpipe(const NoSigpipe&) = delete;
  NoSigpipe& operator=(const NoSigpipe&) = delete;

 private:
  sigset_t before_{};
  bool blocked_ = false;  // by us: a signal that waits afterwards is ours
};

}  // namespace posthorn::auth::ldap
