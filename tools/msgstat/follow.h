// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/config/snapshot.h"

namespace posthorn::msgstat {

struct Follow {
  std::vector<std::string> references;  ///< empty: all events
  std::string types;                    ///< "NewMsg,Login", "*"; empty: the usual ones
  bool json = false;                    ///< else event references
  unsigned long count = 0;              ///< ends after so many events; 0: never
};

/// Shows the events of the instance's event service as they come, one a line on stdout; what is missing and
/// what went wrong goes to stderr. Comes back by itself when the service is away. Returns the exit status: 0
/// after `count` events, 69 when the service is not there at the start, 64 when it refuses the references.
int follow(const config::Snapshot& config, const Follow& what);

}  // namespace posthorn::msgstat
