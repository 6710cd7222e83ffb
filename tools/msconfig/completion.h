// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace posthorn::msconfig {

/// What Tab does behind the text that stands before the cursor.
struct Completion {
  std::string insert;   ///< what can be added whatever is meant; with a blank when nothing else is possible
  std::string choices;  ///< what is possible, one a line, when nothing can be added
};

/// The first word is a command, others are names of options.
Completion complete(std::string_view before);

}  // namespace posthorn::msconfig
