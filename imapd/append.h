// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/imap/types/command.h"
#include "common/store/mailbox.h"
#include "imapd/answer.h"
#include "imapd/mail.h"

namespace posthorn::imapd {

class Session;

/// An APPEND at work (RFC 3501 6.3.11, RFC 3502): each message goes into the store in pieces as it comes, and
/// all of them appear together at the end. Shared by the session and the job at work; only one of the two
/// touches it at a time, as with Mail. Dropped before the end, it leaves nothing.
class Append {
 public:
  explicit Append(imap::AppendArgs args) : args_(std::move(args)) {}

  /// A message of `octets` will follow.
  void announce(imap::AppendMessage message, std::uint64_t octets, bool synchronizing);
  [[nodiscard]] const imap::AppendMessage& message() const { return messages_.back(); }
  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  [[nodiscard]] bool synchronizing() const { return synchronizing_; }

  // What the session calls, on the loop; `self` keeps it alive in the job.

  /// Looks for the mailbox and for room, then asks for the octets, or refuses them.
  void begin(Session& session, const std::shared_ptr<Append>& self);
  /// Octets have come; `left` are still to come.
  void take(Session& session, const std::shared_ptr<Append>& self, std::string piece, std::uint64_t left);
  /// The command has ended: all messages are appended.
  static void finish(Session& session, const std::shared_ptr<Append>& self);

 private:
  Status open(Mail& mail);
  [[nodiscard]] Answer refusalOf(const Error& error) const;
  Result<store::AppendResult> commit(Mail& mail);
  /// XAPPENDED of each, as far as they are there still (common/imap/types/jmap.h).
  Status tellIds(const store::AppendResult& result, std::string& out) const;

  imap::AppendArgs args_;
  std::vector<imap::AppendMessage> messages_;
  std::uint64_t octets_ = 0;          // of the last message
  std::vector<std::uint64_t> sizes_;  // of all of them, as announced
  bool unknownCte_ = false;           // a literal8 holds what the store does not
  bool synchronizing_ = false;
  std::uint64_t total_ = 0;  // octets of all messages
  std::optional<store::MailboxHandle> target_;
  bool tryCreate_ = false;  // there is no such mailbox, and the user could make it
  std::vector<store::MessageWriter> writers_;
};

}  // namespace posthorn::imapd
