// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "tools/deliver/failure.h"
#include "tools/deliver/header_filter.h"
#include "tools/deliver/lmtp/trace_scan.h"

namespace posthorn::deliver::lmtp {

/// The text of one message while it comes in: one staged copy that all its recipients are written from, up to
/// 64 KiB in memory, beyond that in a file without a name on the store's disk, which goes with the process.
///
/// Why staged, and why not shared by the accounts with reflinks (FICLONERANGE):
///  - a client that is slow, or never comes to its end, holds nothing in any account, and a worker that is
///    killed leaves nothing half-delivered anywhere;
///  - a message record cannot share blocks with another account's: it begins with its own EMAILID and the
///    recipient's own Delivered-To, so that its text begins at another offset of the file each time, while
///    blocks are shared at whole block offsets only, and its CRC covers all of it. Records of small messages
///    lie packed in one file, besides.
/// Each copy is therefore written, from memory or the page cache, by its recipient's own job.
///
/// The session feeds it on the loop; a job may have it in between (keep, read), one at a time for keep.
class Content {
 public:
  static constexpr std::size_t kInMemory = std::size_t{64} * 1024;

  /// `folders`: where the file may lie, the first that takes it. `most`: octets of text; more is too big.
  Content(std::vector<std::string> folders, std::uint64_t most);

  /// More text, without stuffed dots. What follows a failure is dropped. Loop thread.
  void feed(View text);
  /// No more follows.
  void end();
  /// True when keep() must run in a job before more is fed.
  [[nodiscard]] bool full() const { return !failure_ && waiting_.size() > kInMemory; }
  /// Moves what is in memory to the file. Blocks.
  Status keep();

  void fail(Cause cause, std::string text);
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  [[nodiscard]] const TraceScan& trace() const { return trace_; }
  /// Octets so far.
  [[nodiscard]] std::uint64_t size() const { return size_; }

  /// After end(): the whole text, in pieces of at most 128 KiB, until `sink` fails. Blocks; any number of
  /// threads at once.
  Status read(const std::function<Status(View)>& sink) const;

 private:
  Status open();

  std::vector<std::string> folders_;
  std::uint64_t most_;
  std::uint64_t size_ = 0;
  HeaderFilter filter_;
  TraceScan trace_;
  std::string waiting_;  // behind what is in the file
  UniqueFd file_;
  std::uint64_t inFile_ = 0;
  std::optional<Failure> failure_;
};

}  // namespace posthorn::deliver::lmtp
