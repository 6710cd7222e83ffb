// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "mshttpd/jmap/method.h"
#include "mshttpd/jmap/references.h"

namespace posthorn::mshttpd::jmap {

/// Why a request as a whole is refused (RFC 8620 3.6.1).
struct Problem {
  int status = 400;
  std::string type;  ///< "urn:ietf:params:jmap:error:notRequest"
  std::string detail;
  std::string limit;  ///< of "...:limit": its name
};

/// The response of a request, or a problem.
struct Outcome {
  std::optional<Problem> problem;
  std::string body;
};

/// A Request object from its text to its response's (RFC 8620 3): the methods one after the other. Job
/// thread.
Outcome runRequest(const Services& services, const Caller& caller, View body);

}  // namespace posthorn::mshttpd::jmap
