// SPDX-License-Identifier: Apache-2.0
#include "common/config/idle.h"

#include "common/config/snapshot.h"

namespace posthorn::config {

std::string whyNoIdle(const Snapshot& config) {
  if (!config.get<"ens.noneinbox.enable">())
    return "ens.noneinbox.enable is off, so that only INBOX has events";
  if (!config.group<"notifytarget:*.noneinbox.enable">(options::kInternal))
    return "notifytarget:ms-internal.noneinbox.enable is off, so that only INBOX has events";
  return {};
}

}  // namespace posthorn::config
