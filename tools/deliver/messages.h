// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::deliver {

inline constexpr log::Message kDelivered{
    .id = "delivered",
    .level = log::Level::Information,
    .category = "Store",
    .text = "A message was delivered.",
    .action = "",
};

inline constexpr log::Message kNotDelivered{
    .id = "not-delivered",
    .level = log::Level::Notice,
    .category = "Store",
    .text = "A message was not delivered.",
    .action =
        "status= is what the MTA was told: 75, or a reply that begins with 4, means that it tries again.",
};

inline constexpr log::Message kNotified{
    .id = "quota-notice",
    .level = log::Level::Information,
    .category = "Store",
    .text = "A user was told by mail that the mailbox is nearly full or over its quota.",
    .action = "",
};

inline constexpr log::Message kNotNotified{
    .id = "quota-notice-failed",
    .level = log::Level::Warning,
    .category = "Store",
    .text = "A notice about the quota could not be put into a user's INBOX.",
    .action = "The delivery is not touched, and the next one tries again; reason= says what was wrong.",
};

}  // namespace posthorn::deliver
