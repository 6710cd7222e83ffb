// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/result.h"
#include "mshttpd/backend/submission.h"
#include "mshttpd/backend/wire.h"

namespace posthorn::mshttpd::backend {

/// Command and reply of SMTP (RFC 5321 4.2) over a wire. One thread; blocks up to the time given. Errors are
/// the wire's; a server that does not speak SMTP is Unavailable.
class SmtpTalk {
 public:
  SmtpTalk(std::unique_ptr<Wire> wire, const Clock& clock) : wire_(std::move(wire)), clock_(clock) {}

  /// One reply, all of its lines.
  Result<SmtpReply> reply(std::chrono::milliseconds within);
  /// Lines with their ends.
  Status say(std::string_view lines, std::chrono::milliseconds within);
  /// One command and its reply.
  Result<SmtpReply> ask(std::string_view command, std::chrono::milliseconds within);

  /// Whether the server has said something that was not read: before STARTTLS a sign of a forger in between.
  [[nodiscard]] bool ahead() const { return !buffer_.empty() || !wire_->quiet(); }
  [[nodiscard]] Wire& wire() { return *wire_; }

 private:
  Result<std::string> line();

  std::unique_ptr<Wire> wire_;
  const Clock& clock_;
  std::string buffer_;
};

/// EHLO's keywords in upper case, and what stands behind them.
using SmtpExtensions = std::map<std::string, std::string>;
SmtpExtensions parseExtensions(const SmtpReply& ehlo);

/// Doubles the dots that begin lines and ends with a line end (RFC 5321 4.5.2). In pieces; the dot that ends
/// everything is not made here. One thread.
class DotStuffing {
 public:
  void feed(View octets, Bytes& out);
  void finish(Bytes& out);

 private:
  bool lineStart_ = true;
  char last_ = '\n';
};

}  // namespace posthorn::mshttpd::backend
