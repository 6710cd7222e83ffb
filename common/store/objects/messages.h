// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/mailbox.h"
#include "common/store/objects/box.h"

namespace posthorn::store::objects {

/// A message wherever it lies: what its copies say together, without those that bear \Deleted.
struct EmailInfo {
  Id128 id;
  std::uint64_t threadId = 0;
  std::vector<Id128> mailboxes;
  SystemFlags flags = 0;  ///< of any copy
  std::vector<std::string> keywords;
  MailboxHandle box;  ///< where a copy of it lies
  FetchRow row;       ///< that copy, with facts
};
struct EmailInfos {
  Modseq state = 0;
  std::vector<EmailInfo> emails;  ///< in the order of the ids, without those that are not there
};
/// Of one snapshot. Job.
Result<EmailInfos> emailInfos(const AccountHandle& account, const Asker& asker, std::span<const Id128> ids);

struct ThreadEmails {
  std::uint64_t id = 0;
  std::vector<Id128> emails;  ///< by INTERNALDATE, then id
};
struct ThreadList {
  Modseq state = 0;
  std::vector<ThreadEmails> threads;
};
Result<ThreadList> threadsOf(const AccountHandle& account, const Asker& asker,
                             std::span<const std::uint64_t> ids);

}  // namespace posthorn::store::objects
