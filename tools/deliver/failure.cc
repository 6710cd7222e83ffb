// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/failure.h"

#include <array>

#include <sysexits.h>

namespace posthorn::deliver {

Cause causeOf(Errc code) {
  switch (code) {
    case Errc::OverQuota:
      return Cause::OverQuota;
    case Errc::TooBig:
      return Cause::TooBig;
    case Errc::NoSpace:
      return Cause::NoSpace;
    default:
      return Cause::Unavailable;
  }
}

int exitStatus(Cause cause) {
  switch (cause) {
    case Cause::NoUser:
    case Cause::Refused:
      return EX_NOUSER;
    case Cause::NoMailbox:
      return EX_CANTCREAT;
    case Cause::GraceOver:
      return EX_UNAVAILABLE;
    case Cause::TooBig:
    case Cause::Empty:
    case Cause::Loop:
      return EX_DATAERR;
    default:
      return EX_TEMPFAIL;
  }
}

std::string_view toString(Cause cause) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "no-user",     "refused",    "suspended",  "status-overquota", "other-host",
      "quarantined", "no-mailbox", "over-quota", "grace-over",       "too-big",
      "empty",       "loop",       "no-space",   "unavailable"};
  return kNames.at(static_cast<std::size_t>(cause));
}

}  // namespace posthorn::deliver
