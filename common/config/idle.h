// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace posthorn::config {

class Snapshot;

/// Why imapd does not announce IDLE under this configuration, as a sentence without its full stop; empty:
/// nothing forbids it. Of a snapshot with the rows of kEventServices (options/ens.h).
std::string whyNoIdle(const Snapshot& config);

}  // namespace posthorn::config
