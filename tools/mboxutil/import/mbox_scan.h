// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/result.h"
#include "tools/mboxutil/import/mbox_text.h"
#include "tools/mboxutil/import/tree.h"

namespace posthorn::migrate {

/// One message of an mbox file.
struct MboxEntry {
  std::uint64_t begin = 0;  ///< behind its From line
  std::uint64_t end = 0;    ///< before the line end that stands between it and what follows
  std::uint64_t next = 0;   ///< of the next From line, or the end of the file
  std::int64_t date = 0;    ///< of its From line
  std::string from;         ///< the From line
  MboxMarks marks;
};

/// Goes through an mbox file, message by message, in bounded memory.
class MboxScan {
 public:
  MboxScan(const SourceFile& file, Quoting quoting) : file_(file), quoting_(quoting) {}

  /// Nothing at the end. Corrupt when the file does not begin with a From line.
  Result<std::optional<MboxEntry>> next();

 private:
  /// The date of the From line at `at`; nothing when there is none.
  [[nodiscard]] Result<std::optional<MboxEntry>> entryAt(std::uint64_t at) const;
  /// Where the first From line from `at` on begins, at the beginning of a line; the end of the file.
  [[nodiscard]] Result<std::uint64_t> findFrom(std::uint64_t at) const;
  /// Where the message ends by its Content-Length; nothing when that does not lead to a From line or the end.
  [[nodiscard]] Result<std::optional<std::uint64_t>> endByLength(std::uint64_t body,
                                                                 std::uint64_t length) const;
  /// `end` less the line end before it.
  [[nodiscard]] Result<std::uint64_t> withoutLineEnd(std::uint64_t begin, std::uint64_t end) const;

  const SourceFile& file_;
  Quoting quoting_;
  std::uint64_t at_ = 0;
};

}  // namespace posthorn::migrate
