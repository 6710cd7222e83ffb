// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::store::messages {

inline constexpr log::Message kNotBuried{"store-removal-unfinished", log::Level::Warning, "Store",
                                         "The rest of a removed mailbox could not be cleared away yet",
                                         "See that the disk has room; mboxutil check the account."};

}  // namespace posthorn::store::messages
