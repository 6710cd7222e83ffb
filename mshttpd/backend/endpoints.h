// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/locked.h"
#include "common/base/result.h"
#include "common/config/snapshot.h"
#include "common/tls/client_context.h"
#include "mshttpd/backend/connection.h"

namespace posthorn::auth {
class Authenticator;
}

namespace posthorn::mshttpd::backend {

/// All that is needed to speak to one store host.
struct Endpoint {
  std::string host;  ///< its name: a mailHost in lower case, or this host's own
  Place place;
  bool tls = false;
  ProxyAdmin admin;
  std::uint16_t ensPort = 0;  ///< of its event service, at the same place; 0: none
};

/// Who is at which host, and how hosts are reached: the options base.proxy* and proxy:HOST.*. Never changes
/// but for what it remembers of the directory. Any thread; hostOf() blocks for the directory.
class Endpoints {
 public:
  static Result<std::shared_ptr<Endpoints>> make(const config::Snapshot& config,
                                                 std::shared_ptr<auth::Authenticator> logins,
                                                 const Clock& clock = Clock::system());

  /// The host of a user's mail, as the directory says it: in lower case, this host's name when it says none.
  /// Remembered for a minute.
  Result<std::string> hostOf(const std::string& user);

  /// Unavailable when there is nobody to log in as there: the client's text is the manuals', the log's names
  /// the options that are missing.
  [[nodiscard]] Result<Endpoint> endpoint(const std::string& host) const;
  /// The same without a word about credentials.
  [[nodiscard]] Endpoint place(const std::string& host) const;

  /// Every host that is known: this one, those with options of their own, and those of users who came.
  [[nodiscard]] std::vector<std::string> hosts() const;
  [[nodiscard]] const std::string& ownHost() const { return own_; }
  /// Null when no host is spoken to over TLS.
  [[nodiscard]] const tls::ClientContext* tls() const { return tls_.get(); }
  /// http.maxbackendconnections, this process's share.
  [[nodiscard]] std::size_t maxConnections() const { return maxConnections_; }

 private:
  struct Known {
    std::string host;
    Steady when;
  };

  Endpoints(const config::Snapshot& config, std::shared_ptr<auth::Authenticator> logins, const Clock& clock);

  const Clock& clock_;
  std::shared_ptr<auth::Authenticator> logins_;
  std::string own_;
  Endpoint fallback_;                        // for hosts without options of their own
  std::map<std::string, Endpoint> special_;  // by host
  std::shared_ptr<const tls::ClientContext> tls_;
  std::size_t maxConnections_ = 1;
  Locked<std::map<std::string, Known>> known_;  // by user
};

/// What clients are told when the administrator has to act.
inline constexpr std::string_view kUnavailableText =
    "Mail server unavailable. Administrator, check server log for details";

}  // namespace posthorn::mshttpd::backend
