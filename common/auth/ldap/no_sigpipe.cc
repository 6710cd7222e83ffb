// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/no_sigpipe.h"

#include <ctime>

namespace posthorn::auth::ldap {
namespace {

sigset_t sigpipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

}  // namespace

NoSigpipe::NoSigpipe() {
  sigset_t waiting;
  sigpending(&waiting);
  if (sigismember(&waiting, SIGPIPE) == 1) return;  // it waits already: another one changes nothing
  const sigset_t set = sigpipe();
  blocked_ = pthread_sigmask(SIG_BLOCK, &set, &before_) == 0;
}

NoSigpipe::~NoSigpipe() {
  if (!blocked_) return;
  const sigset_t set = sigpipe();
  const timespec now{};
  sigtimedwait(&set, nullptr, &now);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace posthorn::auth::ldap
