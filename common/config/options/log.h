// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/option.h"

namespace posthorn::config::options {

inline constexpr Option kLog[] = {
    {.name = "log.level",
     .legacy = "logfile.default.loglevel",
     .type = Type::Enum,
     .fallback = "Notice",
     .allowed = "Nolog|Critical|Error|Warning|Notice|Information|Debug",
     .apply = Apply::Live,
     .help = "How much is logged, from nothing to everything."},
    {.name = "log.format",
     .type = Type::Enum,
     .fallback = "keyvalue",
     .allowed = "keyvalue|json|classic",
     .apply = Apply::Live,
     .help = "What a line looks like: key=value pairs, one JSON object, or the manuals' format."},
    {.name = "log.target",
     .type = Type::Enum,
     .fallback = "stderr",
     .allowed = "stderr|file|journal",
     .apply = Apply::Live,
     .help = "Where lines go: standard error, a file per service, or the systemd journal."},
    {.name = "log.directory",
     .legacy = "logfile.default.logdir",
     .type = Type::Path,
     .fallback = "log",
     .apply = Apply::Live,
     .help = "The directory of log files, each called after its service's program.",
     .more = "`refresh` opens the files anew, as a rotation needs."},
};

}  // namespace posthorn::config::options
