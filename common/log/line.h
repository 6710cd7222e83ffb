// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <span>
#include <string>
#include <string_view>

#include "common/log/logger.h"

namespace posthorn::log {

/// When and by whom a line is written.
struct Stamp {
  std::timespec time{};  ///< CLOCK_REALTIME
  std::string_view host;
  std::string_view process;
  int pid = 0;
};

/// "Notice".
std::string_view nameOf(Level level);

/// A whole line with its line feed, at most kMaxLine bytes; pure.
std::string formatLine(Format format, const Stamp& stamp, const Message& message,
                       std::span<const Field> fields);

/// The first record of a new file in the classic format: "General Notice: Log created (894155852)".
std::string createdLine(const Stamp& stamp);

/// The datagram of the journal's native protocol.
std::string journalEntry(const Stamp& stamp, const Message& message, std::span<const Field> fields);

inline constexpr std::size_t kMaxValue = 2048;
inline constexpr std::size_t kMaxLine = 16384;

}  // namespace posthorn::log
