// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/maildrop.h"
#include "popd/parse/command_line.h"

namespace posthorn::popd {

/// One session's maildrop: INBOX as it was at the login, the marks of DELE, and the lock if there is one. It
/// is the handle of popd: owned by the session, moved into a job and back, so that only one of them can touch
/// it. Message numbers count from 1.
class Maildrop {
 public:
  enum class Lock { No, Yes };
  /// Blocks. Busy when another session holds the lock.
  static Result<Maildrop> open(const store::AccountHandle& account, Lock lock);

  /// The client speaks UTF8 (RFC 6856): messages are sent to it as they are.
  void setUtf8(bool on) { utf8_ = on; }
  [[nodiscard]] bool utf8() const { return utf8_; }

  // What the opening view knows: no store access, never blocks.

  /// Messages, marked ones included: the highest number.
  [[nodiscard]] MessageNumber last() const { return static_cast<MessageNumber>(drop_.count()); }
  /// NotFound when there is no such message or it is marked.
  [[nodiscard]] Status visible(MessageNumber number) const;
  [[nodiscard]] bool marked(MessageNumber number) const { return marks_[number - 1]; }
  /// Octets of RETR without dot-stuffing.
  [[nodiscard]] std::uint32_t size(MessageNumber number) const { return drop_.size(number - 1); }
  [[nodiscard]] std::string uidl(MessageNumber number) const { return drop_.uidl(number - 1); }
  /// Messages and octets that are not marked.
  [[nodiscard]] MessageNumber messages() const { return last() - markedMessages_; }
  [[nodiscard]] std::uint64_t octets() const { return drop_.octets() - markedOctets_; }
  [[nodiscard]] MessageNumber markedMessages() const { return markedMessages_; }

  /// The message must be visible().
  void mark(MessageNumber number);
  void unmarkAll();

  // Jobs only.

  [[nodiscard]] Result<store::MessageBody> read(MessageNumber number) const { return drop_.read(number - 1); }
  /// UPDATE: removes the marked messages, very many of them in several commits: when one fails, those before
  /// it stand. Forgets the marks when all went; else only a new maildrop knows what is left.
  struct Removal {
    MessageNumber removed = 0;
    Status status;
  };
  Removal removeMarked();

 private:
  explicit Maildrop(store::Maildrop drop) : drop_(std::move(drop)), marks_(drop_.count(), false) {}

  store::Maildrop drop_;
  std::optional<store::MaildropLock> lock_;
  std::vector<bool> marks_;
  MessageNumber markedMessages_ = 0;
  std::uint64_t markedOctets_ = 0;
  bool utf8_ = false;
};

}  // namespace posthorn::popd
