// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "common/base/clock.h"

namespace posthorn::auth::ldap {

/// Which servers are worth asking. One that failed is left alone for a while (1 s, doubling up to 4 s, or to
/// 30 s while another one is well), then one question is let through to see. Never blocks; any thread.
class HostHealth {
 public:
  static constexpr std::chrono::milliseconds kFirstPause{1000};
  static constexpr std::chrono::milliseconds kLongestAlone{4000};  ///< when no server is well
  static constexpr std::chrono::milliseconds kLongest{30000};

  HostHealth(std::size_t hosts, const Clock& clock);

  /// Whether to ask `host` now. Of a server that failed, one caller a pause hears yes.
  [[nodiscard]] bool admit(std::size_t host);
  /// How many of the servers behind `host` would be asked now, for sharing out the time.
  [[nodiscard]] std::size_t othersBehind(std::size_t host) const;
  [[nodiscard]] bool isWell(std::size_t host) const;
  /// Changes each time when the host fails: who waits for it need not wait on.
  [[nodiscard]] std::uint64_t failures(std::size_t host) const;
  [[nodiscard]] std::string lastTrouble() const;

  /// The host answered. True when it had been given up: it has come back.
  bool succeeded(std::size_t host);
  /// It did not, in a question that began at `since`. True when it was well until now: it has gone. A
  /// question that was merely too slow says nothing when another was answered meanwhile.
  enum class Kind : std::uint8_t { Broken, Slow };
  bool failed(std::size_t host, Kind kind, Steady since, const std::string& trouble);

 private:
  struct Host {
    bool well = true;
    std::chrono::milliseconds pause{0};
    Steady failedAt;
    Steady retryAt;
    Steady lastSuccess;
    std::uint64_t failures = 0;
  };
  [[nodiscard]] bool due(const Host& host, Steady now) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<Host> hosts_;
  std::string lastTrouble_;
};

}  // namespace posthorn::auth::ldap
