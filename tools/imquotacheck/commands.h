// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/accounts/context.h"
#include "tools/imquotacheck/options.h"

namespace posthorn::imquotacheck {

// Both return the exit status of the program.

int report(const tools::Context& context, const Options& options);
int notify(const tools::Context& context, const Options& options);

}  // namespace posthorn::imquotacheck
