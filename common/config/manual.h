// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/config/option.h"
#include "common/config/snapshot.h"

// What is printed from the tables: nobody writes it by hand.

namespace posthorn::config {

/// All that is known of one option, for `msconfig help NAME`.
std::string helpFor(const Option& row);

/// "restart: `restart-msg pop` is needed": how a change of the option reaches running services. With the
/// value that it now has, the command for just that.
std::string applyText(const Option& row, const Value* value = nullptr);

/// etc/posthorn.yaml: every option with its help and default, commented out.
std::string sampleFile();

/// etc/man/posthorn.yaml.5.
std::string manualPage();

}  // namespace posthorn::config
