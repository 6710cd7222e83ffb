// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace posthorn::base64 {

/// RFC 4648 §4, with padding.
std::string encode(std::string_view bytes);

/// Strict: nothing on characters outside the alphabet, wrong padding, or non-zero trailing bits.
std::optional<std::string> decode(std::string_view text);

}  // namespace posthorn::base64
