// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>

#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

/// Account → type → state, of those types that have a state of their own beside the account's: Identity,
/// EmailSubmission and ShareNotification of the caller's own account, Quota. What cannot be had is left out.
/// Job thread; asks the back ends.
std::map<std::string, std::map<std::string, std::string>> ownStates(const Services& services,
                                                                    const Caller& caller,
                                                                    const std::set<std::string>& accounts);

/// The names of these types.
const std::set<std::string>& ownStateTypes();

}  // namespace posthorn::mshttpd::jmap
