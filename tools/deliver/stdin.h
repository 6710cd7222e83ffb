// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/deliver/options.h"

namespace posthorn::deliver {

/// One message on standard input into the store, for an MTA's pipe. Returns the exit status; failures are
/// named on standard error. Once, at the start of main().
int deliverStdin(const Options& options);

}  // namespace posthorn::deliver
