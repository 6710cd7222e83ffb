// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "common/imap/types/sequence_set.h"
#include "common/store/types.h"

namespace posthorn::imapd {

/// The numbering of one session (RFC 3501 2.3.1.2): which UID has which message sequence number, as runs of
/// UIDs, so that a mailbox costs memory by its gaps and not by its messages. A value.
class Sequence {
 public:
  Sequence() = default;
  /// Ascending ranges that do not touch, as MailboxOpening has them.
  explicit Sequence(const std::vector<store::UidRange>& ranges);

  [[nodiscard]] std::uint32_t count() const;
  [[nodiscard]] bool empty() const { return runs_.empty(); }
  /// The UID of message `number`, which is 1 to count().
  [[nodiscard]] store::Uid uid(std::uint32_t number) const;
  /// 0 when the session has no such message.
  [[nodiscard]] std::uint32_t number(store::Uid uid) const;
  /// How many messages have a UID above `uid`.
  [[nodiscard]] std::uint32_t countAbove(store::Uid uid) const;
  /// The highest UID; 0 when empty.
  [[nodiscard]] store::Uid last() const { return runs_.empty() ? 0 : runs_.back().last; }

  /// Above all that there are.
  void append(store::Uid uid);
  /// Takes `gone` out (ascending; unknown ones do not matter) and returns the numbers of EXPUNGE responses:
  /// each as it is once those before it have been told.
  std::vector<std::uint32_t> remove(const std::vector<store::Uid>& gone);

  /// The UIDs of the messages with these numbers (sorted ranges; numbers over count() are nothing).
  [[nodiscard]] store::UidSet uids(const std::vector<imap::SequenceRange>& numbers) const;
  [[nodiscard]] std::vector<store::UidRange> ranges() const;

 private:
  struct Run {
    store::Uid first = 0;
    store::Uid last = 0;
    std::uint32_t before = 0;  // messages of all earlier runs
  };
  void add(store::Uid first, store::Uid last);

  std::vector<Run> runs_;
};

}  // namespace posthorn::imapd
