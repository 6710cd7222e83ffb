// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "common/base/clock.h"
#include "common/net/address.h"

namespace posthorn::net {

/// Which refusals of connections are worth a line: of each address (IPv6: /64) one a minute, so that who
/// dials without end cannot fill the disk. Bounded: further addresses of that minute are counted, not told.
/// One thread.
class RefusalLog {
 public:
  static constexpr std::size_t kMaxAddresses = 1024;
  static constexpr std::chrono::minutes kQuiet{1};

  explicit RefusalLog(const Clock& clock) : clock_(clock) {}

  /// Nothing: no line. Else how many refusals went untold since this address's last line; for an address that
  /// is not known, those of addresses that there was no room for.
  std::optional<std::size_t> note(const Address& client);

 private:
  struct Record {
    Steady quietUntil;
    std::size_t untold = 0;
  };
  void forgetOld(Steady now);

  const Clock& clock_;
  std::map<std::array<std::uint8_t, 16>, Record> records_;
  std::size_t untold_ = 0;  // of addresses that have no record
};

}  // namespace posthorn::net
