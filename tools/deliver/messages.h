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
    .action = "status= is what the MTA was told: 75 means that it tries again.",
};

}  // namespace posthorn::deliver
