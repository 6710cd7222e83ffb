// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "common/config/snapshot.h"
#include "mshttpd/http/request_reader.h"
#include "mshttpd/jmap/method.h"
#include "mshttpd/login/web_sessions.h"

namespace posthorn::mshttpd {

/// What this service takes from the configuration besides config::ServiceConfig; a value.
struct Settings {
  std::string hostname;
  std::string cookieName;
  bool gzipDynamic = true;
  bool gzipStatic = true;
  std::uint64_t maxPostSize = 0;
  std::uint64_t maxMessageSize = 0;
  bool anonymous = false;   ///< http.allowanonymouslogin
  bool adminProxy = false;  ///< http.allowadminproxy
  int plaintextMinCipher = 0;
  bool certificates = false;  ///< clients may show one
  http::HeadLimits head;
  std::vector<net::Network> trustedProxies;  ///< base.trustedproxies: may name the client of a request
  login::WebSessions::Policy sessions;

  static Settings from(const config::Snapshot& config);
  /// What JMAP clients are told; what fits into http.maxmessagesize, counted before base64.
  [[nodiscard]] jmap::Limits jmapLimits() const;
};

/// The content that a message of `whole` octets can carry after base64 with line ends, room for a head left.
std::uint64_t contentOf(std::uint64_t whole);

}  // namespace posthorn::mshttpd
