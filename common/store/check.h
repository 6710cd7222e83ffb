// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/engine/engine.h"

namespace posthorn::store {

enum class CheckDepth : std::uint8_t {
  Records,  ///< every record and every relation between them
  Bodies,   ///< and every body: readable, with the right CRC and the facts that its records tell
};

/// One thing that is wrong.
struct Finding {
  enum class Kind : std::uint8_t {
    Record,  ///< a record cannot be read, or contradicts another
    Body,    ///< a message's text is damaged; the rest is readable
  };
  Kind kind = Kind::Record;
  std::string mailbox;  ///< its name; empty for the account
  std::uint32_t uid = 0;
  std::string text;
};

struct CheckReport {
  std::uint64_t mailboxes = 0;
  std::uint64_t messages = 0;
  std::uint64_t octets = 0;
  std::uint64_t bodiesRead = 0;
  std::vector<Finding> findings;  ///< at most kMaxFindings
  bool truncated = false;         ///< there were more
  RepairReport rebuilt;           ///< filled by Store::repair only

  [[nodiscard]] bool clean() const { return findings.empty() && rebuilt.damage.empty(); }
};
inline constexpr std::size_t kMaxFindings = 1000;

/// Verifies every invariant of the account and returns what is wrong; an error only when it cannot be read at
/// all. Others may use the account meanwhile. Blocks for long.
Result<CheckReport> check(const AccountHandle& account, CheckDepth depth);

}  // namespace posthorn::store
