// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/log/logger.h"

namespace posthorn::net::messages {

using log::Level;

inline constexpr log::Message kCallbackThrew{"callback-threw", Level::Error, "General",
                                             "An exception left a callback; its session was ended",
                                             "This is a bug: report it with the lines before."};
inline constexpr log::Message kJobThrew{"job-threw", Level::Error, "General",
                                        "An exception left a job; the command was answered as failed",
                                        "When it is not lack of memory it is a bug: report it."};
inline constexpr log::Message kNoThread{"no-thread", Level::Warning, "General",
                                        "The system gives no further thread; jobs wait longer",
                                        "Raise the limit of processes (TasksMax) or lower maxthreads."};
inline constexpr log::Message kNoDescriptor{"no-descriptor", Level::Error, "Network",
                                            "No file descriptor is left; new connections are closed at once",
                                            "Raise the limit of open files or lower maxsessions."};
inline constexpr log::Message kAcceptFailed{"accept-failed", Level::Error, "Network",
                                            "Accepting a connection failed", ""};
inline constexpr log::Message kRefused{
    "connection-refused", Level::Notice, "Network",
    "A connection was answered with a refusal and closed; untold= more before it had "
    "no line of their own",
    "Raise the limit that is named when this happens to wanted clients."};
inline constexpr log::Message kProxyHeader{
    "proxy-header", Level::Warning, "Network",
    "A trusted proxy sent no valid PROXY header; its connection was closed",
    "Let the proxy send PROXY headers or turn proxyprotocol off."};
inline constexpr log::Message kTlsFailed{"tls-failed", Level::Information, "Network",
                                         "A TLS handshake failed", ""};
inline constexpr log::Message kInjected{
    "tls-injection", Level::Warning, "Network",
    "Bytes in clear followed the command that starts TLS; the connection was closed",
    "A client or somebody between it and us is misbehaving."};
inline constexpr log::Message kShortFile{"short-file", Level::Critical, "Store",
                                         "A message could not be read to its end; the connection was cut",
                                         "Run mboxutil check on the account."};

}  // namespace posthorn::net::messages
