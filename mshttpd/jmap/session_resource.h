// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

/// The Session object (RFC 8620 2) of the caller; its URLs are absolute, below `origin`. Accounts of a mail
/// server that does not answer are left out until it does. Job thread: asks the back ends, which remember.
Json sessionResource(const Services& services, const Caller& caller, const std::string& origin);

/// Its `state` alone.
std::string sessionState(const Services& services, const Caller& caller);

inline constexpr const char* kSessionPath = "/.well-known/jmap";
inline constexpr const char* kApiPath = "/jmap/api";
inline constexpr const char* kUploadPath = "/jmap/upload/{accountId}";
inline constexpr const char* kDownloadPath = "/jmap/download/{accountId}/{blobId}/{name}";
inline constexpr const char* kEventSourcePath = "/jmap/eventsource";

}  // namespace posthorn::mshttpd::jmap
