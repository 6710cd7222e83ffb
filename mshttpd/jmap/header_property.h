// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

// Properties that stand for header fields, and the forms that each field may have (RFC 8621 4.1.2, 4.1.3).
// Pure.

namespace posthorn::mshttpd::jmap {

enum class HeaderForm : std::uint8_t { Raw, Text, Addresses, GroupedAddresses, MessageIds, Date, Urls };

/// A property that stands for a field: "subject", "header:X-Thing:asText:all".
struct HeaderProperty {
  std::string field;  ///< as it is to be written
  HeaderForm form = HeaderForm::Raw;
  bool all = false;
};
/// Nothing for a property that is no header field; Invalid for "header:" that is malformed, or a form that
/// this field may not have.
Result<std::optional<HeaderProperty>> parseHeaderProperty(std::string_view property);

/// RFC 5322 3.6, and MIME's fields: whether a header may have only one of it.
bool onlyOnce(std::string_view field);

}  // namespace posthorn::mshttpd::jmap
