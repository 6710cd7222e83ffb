// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace posthorn::config {

enum class Severity : std::uint8_t { Error, Warning, Note };

/// One thing that is to be said of a configuration.
struct Finding {
  Severity severity = Severity::Error;
  std::string option;  ///< canonical name, empty when it concerns the file
  std::string text;    ///< what is wrong, never with a secret's value
  std::string hint;    ///< what to do
  int line = 0;        ///< in the file, from 1; 0 when the option is not in it

  /// "posthorn.yaml:12: error: text (hint)".
  [[nodiscard]] std::string describe(const std::string& file) const;
};

using Findings = std::vector<Finding>;

[[nodiscard]] bool hasErrors(const Findings& findings);

}  // namespace posthorn::config
