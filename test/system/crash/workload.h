// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/engine/engine.h"

namespace posthorn::crash {

/// What a store was told to do and has acknowledged: the harness keeps the acks, the workload judges them.
struct Ack {
  std::uint64_t writer = 0;
  std::uint64_t sequence = 0;  ///< 1, 2, ... of this writer
  std::uint64_t uid = 0;       ///< what the step made, if anything
  std::uint64_t clock = 0;     ///< the account's counter after the step; never goes back
  std::string detail;          ///< words of the workload's own, with single blanks; at most kMaxDetail octets
};
/// A line with so much detail still goes into a pipe as a whole or not at all.
inline constexpr std::size_t kMaxDetail = 4000;
std::string encodeAck(const Ack& ack);  ///< one line
std::vector<Ack> decodeAcks(std::string_view lines);

/// What runs against a store while it is being killed, and what must be true of it afterwards. The steps of a
/// writer go on where that writer's last one ended, as the store shows it.
class Workload {
 public:
  virtual ~Workload() = default;
  /// One acknowledged change. Any thread, any process.
  virtual Result<Ack> step(store::Engine& engine, std::uint64_t writer) = 0;
  /// Every invariant of the store, and every ack. The error says what is broken.
  virtual Status check(store::Engine& engine, const std::vector<Ack>& acks) = 0;
};

/// Messages with blobs, flags, expunges, counters and housekeeping on the bare engine; `accounts` of them.
class EngineWorkload final : public Workload {
 public:
  explicit EngineWorkload(std::uint64_t accounts) : accounts_(accounts) {}
  Result<Ack> step(store::Engine& engine, std::uint64_t writer) override;
  Status check(store::Engine& engine, const std::vector<Ack>& acks) override;

 private:
  [[nodiscard]] std::string accountOf(std::uint64_t writer) const;
  Status checkAccount(store::Engine& engine, const std::string& account, const std::vector<Ack>& acks);
  std::uint64_t accounts_;
};

}  // namespace posthorn::crash
