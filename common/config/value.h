// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/config/snapshot.h"

namespace posthorn::config {

/// Makes a row's value of its spelling. Invalid names what is expected, never the value of a secret.
Result<Value> parseValue(const Option& row, std::string_view text);
/// The same for a YAML sequence; other types than List refuse it.
Result<Value> parseValue(const Option& row, const std::vector<std::string>& items);

/// The row's default.
const Value& fallbackOf(std::size_t row);

/// The canonical spelling: what `msconfig get` prints and `parseValue` takes. Secrets in clear.
std::string spell(const Option& row, const Value& value);

/// "a number from 1 to 65535", for messages and help.
std::string expectation(const Option& row);

/// Cuts a list's one-text form into items: blanks and commas, only $ for access filters.
std::vector<std::string> splitItems(const Option& row, std::string_view text);

}  // namespace posthorn::config
