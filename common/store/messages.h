// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::store::messages {

inline constexpr log::Message kUpkeepFailed{
    "upkeep-failed", log::Level::Warning, "Store",
    "Housekeeping of an account failed; its mail is not touched",
    "See that the disk has room; run mboxutil check on the account that user= names."};

}  // namespace posthorn::store::messages
