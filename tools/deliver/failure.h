// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/error.h"

namespace posthorn::deliver {

/// Why a message does not reach one recipient. Each means one exit status (stdin) and one reply (LMTP).
enum class Cause : std::uint8_t {
  NoUser,       ///< nobody has the address
  Refused,      ///< the account's status refuses mail for good
  Suspended,    ///< the account's status (inactive, hold) makes mail wait
  StatusQuota,  ///< mailUserStatus is overquota
  OtherHost,    ///< the mailbox is on another host
  Quarantined,  ///< the account was at work when workers crashed
  NoMailbox,    ///< the mailbox that was named is not there, or its name is none
  OverQuota,    ///< the store has no room for it within the account's limits
  GraceOver,    ///< the same, for longer than store.quotagraceperiod: it is given back
  TooBig,       ///< larger than what is taken at all
  Empty,        ///< there is no message
  Loop,         ///< it was delivered here before, or went through too many hosts
  NoSpace,      ///< the disk is full
  Unavailable,  ///< directory or store cannot be asked now, and all else
};

/// How it went with one recipient. `text` is for the operator and may name paths.
struct Failure {
  Cause cause = Cause::Unavailable;
  std::string text;
};

/// The cause of an error of the store.
Cause causeOf(Errc code);

/// The status of sysexits.h for an MTA's pipe: it gives a message back for each but EX_TEMPFAIL, so the
/// others stand only where it is certain that this message will never be taken.
int exitStatus(Cause cause);

/// "no-user", for logs.
std::string_view toString(Cause cause);

}  // namespace posthorn::deliver
