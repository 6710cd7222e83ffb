// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "common/base/clock.h"
#include "common/base/locked.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace posthorn {

/// Makes TCP connections to other servers before a deadline, over all addresses of a host. Names are looked
/// up at most once a minute and by one caller at a time; the last good answer serves while the name service
/// fails. Blocks; any thread.
class Dialer {
 public:
  explicit Dialer(const Clock& clock) : clock_(clock) {}

  /// A connected socket that does not block, all addresses of the host tried in turn. Unavailable or Timeout.
  Result<UniqueFd> dial(const std::string& host, std::uint16_t port, Steady deadline);

 private:
  struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
    std::string text;
  };
  struct Known {
    std::vector<Address> addresses;
    Steady when;
  };
  static Result<std::vector<Address>> lookUp(const std::string& host, std::uint16_t port, int flags);
  Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port);
  [[nodiscard]] Result<UniqueFd> connectTo(const Address& address, Steady until) const;

  const Clock& clock_;
  Locked<std::map<std::string, Known>> known_;
};

}  // namespace posthorn
