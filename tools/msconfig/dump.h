// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthorn::msconfig {

/// One line of a dump that names an option, or that nobody understands.
struct DumpLine {
  int number = 0;  ///< from 1
  std::string name;
  std::string value;
  std::string fault;  ///< why the line cannot be taken; empty when it can
};

/// Reads what other tools print: lines `NAME = VALUE`, `configutil -o NAME -v "VALUE"` and `msconfig set NAME
/// VALUE`, in any mixture; blank lines and lines that begin with # are left out.
std::vector<DumpLine> parseDump(std::string_view text);

/// Why an option of another product has nothing here to be set; empty when nothing is known of it.
std::string_view withoutCounterpart(std::string_view name);

}  // namespace posthorn::msconfig
