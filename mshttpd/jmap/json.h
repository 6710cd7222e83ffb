// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

/// What one text may hold, so that neither memory nor a recursion grows with what a client sends.
struct JsonLimits {
  std::size_t depth = 40;        ///< arrays and objects in one another
  std::size_t values = 200'000;  ///< of all kinds
  std::size_t members = 10'000;  ///< of one object
};

/// I-JSON (RFC 7493): UTF-8, no name twice in an object, numbers that a double can hold. Invalid (what is
/// wrong and where) or Limit. Pure.
Result<Json> parseJson(View text, const JsonLimits& limits = {});

/// About what `value` takes in memory, in octets; no more is counted when it is past `most`.
std::size_t weightOf(const Json& value, std::size_t most);

/// The text of `value`; octets that are no UTF-8 become U+FFFD.
std::string printJson(const Json& value);

// Arguments of methods. One that is there and has another type is Invalid, with a text for the client that
// names it: an Answer of it is invalidArguments. Absent and null are the fallback.

/// "NAME WHAT": Invalid.
Error invalidArgument(std::string_view name, std::string_view what);

/// The member `name`, or null when it is absent or JSON null.
const Json* member(const Json& object, const char* name);

Result<bool> boolArgument(const Json& args, const char* name, bool fallback);
/// Whole numbers within JSON's safe range (RFC 8620 1.3).
Result<std::int64_t> intArgument(const Json& args, const char* name, std::int64_t fallback);
Result<std::optional<std::uint64_t>> unsignedArgument(const Json& args, const char* name);
Result<std::optional<std::string>> stringArgument(const Json& args, const char* name);
/// A list of strings; nothing when null or absent.
Result<std::optional<std::vector<std::string>>> stringsArgument(const Json& args, const char* name);

/// 1 to 255 of A-Z a-z 0-9 - _ (RFC 8620 1.2).
bool isId(std::string_view text);

}  // namespace posthorn::mshttpd::jmap
