// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/imap/types/response.h"

namespace posthorn::mshttpd::backend {

/// How mailboxes of one account are called at a server, and what JMAP calls them: from the account's root,
/// with '/' between levels, whatever the server's delimiter and prefixes are.
class Names {
 public:
  Names() = default;
  /// `owner` empty: the user's own account. Nothing when the server has no place for others' mailboxes.
  static std::optional<Names> of(const imap::NamespaceData& spaces, const std::string& owner);

  /// "Work/2026" to "INBOX.Work.2026". Nothing when a level holds the server's delimiter.
  [[nodiscard]] std::optional<std::string> toServer(const std::string& name) const;
  /// The other way; nothing for mailboxes of other accounts.
  [[nodiscard]] std::optional<std::string> fromServer(const std::string& name) const;
  /// What LIST has to be asked for to see them all.
  [[nodiscard]] std::vector<std::string> patterns() const;
  /// A mailbox that is there for the account as a whole (GETQUOTAROOT).
  [[nodiscard]] std::string inbox() const;

 private:
  std::string prefix_;  // of everything but INBOX, its delimiter included
  std::string inbox_ = "INBOX";
  std::string root_;  // of another's account
  char delimiter_ = '/';
  std::vector<std::string> foreign_;  // prefixes of other accounts
};

}  // namespace posthorn::mshttpd::backend
