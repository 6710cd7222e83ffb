// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::store::embedded::messages {

inline constexpr log::Message kIndexRebuilt{"store-index-rebuilt", log::Level::Error, "Store",
                                            "an account's index was damaged and was rebuilt from its log",
                                            "Look for disk errors and for programs that touch the store's "
                                            "files; no mail was lost if no damage is named."};
inline constexpr log::Message kTailReplayed{
    "store-tail-replayed", log::Level::Notice, "Store",
    "a writer died between its log and its index; what it had written was taken over", ""};
inline constexpr log::Message kDomainFailed{
    "store-read-only", log::Level::Critical, "Store",
    "the disk failed under an account: it is read-only in this process",
    "Check the disk and the kernel's log, then restart the service; repair the account when it names "
    "damage."};

}  // namespace posthorn::store::embedded::messages
