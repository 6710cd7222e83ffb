// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

namespace posthorn::msconfig {

/// Where the shell's lines come from.
class LineReader {
 public:
  enum class Got : unsigned char { Line, Interrupted, End };

  virtual ~LineReader() = default;
  LineReader() = default;
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// The next line of standard input without its end, into `line`. Blocks.
  virtual Got next(const std::string& prompt, std::string& line) = 0;
  /// Whether somebody types the lines.
  [[nodiscard]] virtual bool typed() const = 0;
};

/// On a terminal with editing, a history of this session (in memory alone: lines may hold passwords) and Tab
/// for names. Else plain lines without prompts, so that scripts see answers only.
///
/// Editing is by libedit: it is what Debian keeps of the BSDs', small, and under their licence; readline's
/// would bind ours.
std::unique_ptr<LineReader> makeLineReader();

}  // namespace posthorn::msconfig
