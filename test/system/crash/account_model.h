// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/base/result.h"
#include "common/store/types.h"

// What one writer of an account owns, what it is about to do, and what came of it. A writer touches only its
// own messages (in INBOX, which all share, and in mailboxes of its own), so that its acknowledgements alone
// tell what must be there, whatever the others do at the same time.

namespace posthorn::crash {

struct OwnBox {
  std::string name;
  std::uint32_t uidValidity = 0;
  bool operator==(const OwnBox&) const = default;
};

struct OwnMessage {
  std::uint64_t id = 0;  ///< tells the text and the owner
  store::SystemFlags flags = 0;
  bool operator==(const OwnMessage&) const = default;
};

using Place = std::pair<store::MailboxNo, store::Uid>;

struct State {
  std::map<store::MailboxNo, OwnBox> boxes;
  std::map<Place, OwnMessage> messages;
  bool operator==(const State&) const = default;
};

/// One operation, told before it begins.
struct Op {
  enum class Kind : std::uint8_t {
    Append,
    SetFlags,
    AddFlags,
    ClearFlags,
    Expunge,
    Copy,
    Move,
    Create,
    Rename,
    Remove
  };
  Kind kind = Kind::Append;
  store::MailboxNo box = 0;
  store::MailboxNo target = 0;  ///< Copy, Move
  store::SystemFlags flags = 0;
  std::vector<store::Uid> uids;    ///< ascending
  std::vector<std::uint64_t> ids;  ///< Append
  std::string name;                ///< Create, Rename, Remove
  std::string to;                  ///< Rename

  /// The mailbox that gets new UIDs by it, 0 for none.
  [[nodiscard]] store::MailboxNo grows() const;
};

/// What the store answered.
struct Outcome {
  bool refused = false;  ///< by the quota
  std::vector<store::Uid> uids;
  std::map<store::MailboxNo, OwnBox> boxes;  ///< Create
  store::Modseq modseq = 0;                  ///< the mailbox's HIGHESTMODSEQ
};

/// One acknowledgement: a process begins with what it finds, later ones tell the outcome of the operation
/// told before; each tells the next one.
struct Line {
  std::optional<State> found;
  Outcome outcome;
  Op next;
};
std::string encodeLine(const Line& line);
Result<Line> decodeLine(const std::string& text);

/// False when the operation cannot have had this outcome.
bool apply(State& state, const Op& op, const Outcome& outcome);

/// What one writer was told, in order; and what must be there now.
class Story {
 public:
  /// Errc::Corrupt tells what is broken: only the unfinished operation may or may not have happened, wholly.
  Status take(const Line& line);
  [[nodiscard]] Status explain(const State& found) const;

 private:
  Status become(const State& next);
  State state_;
  std::optional<Op> pending_;
  store::MailboxNo lastBox_ = 0;
  std::uint32_t lastUidValidity_ = 0;
};

inline Error broken(std::string what) {
  return makeError(Errc::Corrupt, "BROKEN: " + std::move(what));
}

}  // namespace posthorn::crash
