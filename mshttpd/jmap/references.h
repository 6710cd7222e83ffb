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
/// nowhere. Bounded: at most kMostReferred values, which weigh (weightOf) no more than `room`; what they
/// weigh is taken off it.
Result<Json> follow(const Json& from, View pointer, std::size_t& room);
inline constexpr std::size_t kMostReferred = 100'000;
/// What all references of one request may copy: each may name the same large response again.
inline constexpr std::size_t kMostReferredOctets = 32UL * 1024 * 1024;

/// Replaces "#name" arguments by what they refer to. A Failure with an empty type: done; else
/// invalidArguments or invalidResultReference. `room`: as for follow().
Failure resolveReferences(Json& arguments, const std::vector<Response>& earlier, std::size_t& room);

}  // namespace posthorn::mshttpd::jmap
