// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

/// One response of a request: an Invocation (RFC 8620 3.2).
struct Response {
  std::string name;
  Json arguments;
  std::string callId;
};

/// The value to which a JSON pointer leads, `*` mapping over lists (RFC 8620 3.7); an Error when it leads
/// nowhere. Bounded: at most kMostReferred values.
Result<Json> follow(const Json& from, View pointer);
inline constexpr std::size_t kMostReferred = 100'000;

/// Replaces "#name" arguments by what they refer to. A Failure with an empty type: done; else
/// invalidArguments or invalidResultReference.
Failure resolveReferences(Json& arguments, const std::vector<Response>& earlier);

}  // namespace posthorn::mshttpd::jmap
