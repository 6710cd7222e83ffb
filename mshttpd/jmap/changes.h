// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mshttpd/jmap/method.h"

// What all /changes methods have in common (RFC 8620 5.2).

namespace posthorn::mshttpd::jmap {

/// Email/changes, Thread/changes; of a Mailbox without `updatedProperties`. Job thread.
Answer changesOf(Call& call, const Json& args, imap::jmap::DataType type);

/// cannotCalculateChanges where the back end does not know the state, else what failureOf() says.
Failure changesFailure(const Error& error);

/// `maxChanges`: Invalid unless absent or above 0; 0 for none.
Result<std::uint32_t> maxChangesArgument(const Json& args);

/// `name`, a state, which must be there.
Result<std::string> stateArgument(const Json& args, const char* name);

}  // namespace posthorn::mshttpd::jmap
