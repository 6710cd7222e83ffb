// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>

#include "common/base/result.h"
#include "common/store/mailbox.h"
#include "common/store/message_writer.h"
#include "tools/accounts/context.h"
#include "tools/deliver/options.h"

namespace posthorn::deliver {

/// How it went with one user: a status of sysexits.h and why. An MTA gives a message back for each status but
/// EX_TEMPFAIL: the others stand only where it is certain that this message will never be taken.
struct Failure {
  int status = 0;
  std::string text;
};

/// One user whom the message goes to. Takes the message in while it comes in on stdin; a failure of one user
/// does not touch the others.
class Recipient {
 public:
  Recipient(const tools::Context& context, const Options& options, std::string typed);

  /// Finds user and mailbox and begins the message with its trace fields. `taken`: the accounts that get the
  /// message already; one of them named again has nothing more to do.
  void begin(std::set<std::string>& taken);
  void write(View part);
  /// The message is delivered, for good, or it has failed.
  void finish(std::int64_t now);

  [[nodiscard]] const std::string& typed() const { return typed_; }
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  void fail(int status, std::string text);

 private:
  Status open(std::set<std::string>& taken);
  Result<store::MailboxHandle> openMailbox(store::AccountHandle account);
  [[nodiscard]] std::string traceFields() const;
  Status commit(std::int64_t now);
  void defer(const Error& error);
  void failMailbox(const store::AccountHandle& account, const Error& error);

  const tools::Context& context_;
  const Options& options_;
  std::string typed_;
  std::optional<store::MailboxHandle> mailbox_;
  std::optional<store::MessageWriter> writer_;
  std::optional<Failure> failure_;
};

}  // namespace posthorn::deliver
