// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

// A room's messages: here, or in a messages.h of the room itself. Ids are unique over the whole tree; a unit
// test reads all of them.

namespace posthorn::log::messages {

inline constexpr Message kConfigError{
    .id = "config-error",
    .level = Level::Error,
    .category = "General",
    .text = "The configuration has an error.",
    .action = "Correct the line, or use `msconfig check` to see everything at once.",
};

inline constexpr Message kConfigWarning{
    .id = "config-warning",
    .level = Level::Warning,
    .category = "General",
    .text = "The configuration is accepted, but something in it is doubtful.",
    .action = "Follow the hint, or leave it when it is meant so.",
};

inline constexpr Message kConfigNote{
    .id = "config-note",
    .level = Level::Information,
    .category = "General",
    .text = "A remark on the configuration.",
    .action = "",
};

}  // namespace posthorn::log::messages
