// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/auth/account.h"
#include "common/base/result.h"
#include "common/store/mailbox.h"
#include "common/store/message_writer.h"
#include "tools/deliver/failure.h"
#include "tools/deliver/site.h"

namespace posthorn::deliver {

/// How a message is to be delivered.
struct Wishes {
  std::string mailbox = "INBOX";
  bool create = false;       ///< the mailbox, when it is not there
  bool ignoreQuota = false;  ///< deliver even when a limit is passed
  store::SystemFlags flags = 0;
  std::vector<std::string> keywords;
  std::string author;       ///< who posts it, for the log
  std::string transaction;  ///< as replies and Received name it, for the log; empty: not over LMTP
  std::string detail;       ///< characters that part a user from a folder in an address; empty: none
};

/// One user whom a message goes to: looked up, opened, written to in bounded memory, committed. A failure of
/// one does not touch the others; the first one stays, and what is called after it does nothing. All calls
/// but the plain questions block; one thread at a time.
class Recipient {
 public:
  /// `lookup`: an address or a login name. `typed`: the same as Delivered-To and replies say it.
  Recipient(Site site, std::string lookup, std::string typed)
      : site_(std::move(site)), lookup_(std::move(lookup)), typed_(std::move(typed)) {}

  /// Asks the directory: the account, whether it takes mail, and whether it lives here.
  void find(const Wishes& wishes);
  /// Opens account and mailbox. `octets` (0: not known) decides early on quota; takeMail() decides for good.
  void open(const Wishes& wishes, std::uint64_t octets);
  /// Begins the message with `trace`, its first header fields.
  void begin(View trace);
  void write(View part);
  /// No more follows: the message is delivered, for good, or it has failed. `now` in seconds of Unix time.
  void finish(const Wishes& wishes, std::int64_t now);

  void fail(Cause cause, std::string text);

  [[nodiscard]] const std::string& typed() const { return typed_; }
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  /// The canonical id once find() has found it, else empty.
  [[nodiscard]] const std::string& account() const { return account_.id; }
  /// What the address names behind the user; empty: nothing.
  [[nodiscard]] const std::string& detail() const { return detail_; }
  /// Account and mailbox, once open() has opened them: the same for two addresses of one place.
  [[nodiscard]] const std::string& place() const { return place_; }

 private:
  Result<auth::Account> lookUp(std::string_view separators);
  Status openPlace(const Wishes& wishes, std::uint64_t octets);
  Result<store::MailboxHandle> openMailbox(store::AccountHandle account, const Wishes& wishes);
  Result<store::MailboxHandle> openFolder(const store::AccountHandle& account);
  void failMailbox(const store::AccountHandle& account, const Wishes& wishes, const Error& error);
  Status commit(const Wishes& wishes, std::int64_t now);
  void defer(const Error& error) { fail(causeOf(error.code), error.describe()); }

  Site site_;
  std::string lookup_;
  std::string typed_;
  std::string detail_;
  std::string place_;
  std::string folder_;  // the mailbox's name
  auth::Account account_;
  std::optional<store::MailboxHandle> mailbox_;
  std::optional<store::MessageWriter> writer_;
  std::optional<Failure> failure_;
};

}  // namespace posthorn::deliver
