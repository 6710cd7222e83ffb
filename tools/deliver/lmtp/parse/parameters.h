// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::deliver::lmtp {

/// One parameter of MAIL or RCPT (RFC 5321 §4.1.2, esmtp-param): views into the line.
struct Parameter {
  View keyword;               ///< in the client's case
  std::optional<View> value;  ///< behind the =
};

inline constexpr std::size_t kMaxParameters = 16;

/// The parameters behind a path, in their order. Invalid for what is none, for one keyword twice, and for
/// more than kMaxParameters. Pure.
Result<std::vector<Parameter>> splitParameters(View text);

}  // namespace posthorn::deliver::lmtp
