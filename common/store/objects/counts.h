// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/objects/box.h"

namespace posthorn::store::objects {

/// A mailbox as RFC 8621 2 asks for it. Counts are 0 where the asker may not read.
struct MailboxInfo {
  Id128 id;
  std::string name;
  SpecialUse specialUse = 0;
  Rights rights = 0;
  bool subscribed = false;                 ///< by the owner
  std::optional<std::uint32_t> sortOrder;  ///< that the asker has given to it
  bool shared = false;                     ///< it has an access list
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint32_t threads = 0;
  std::uint32_t unseenThreads = 0;
  std::uint64_t octets = 0;
  std::uint32_t uidValidity = 0;
};
struct MailboxInfos {
  Modseq state = 0;
  std::vector<MailboxInfo> mailboxes;  ///< by name, INBOX first: parents before children
};

/// Those that the asker may look up, with their counts, of one snapshot. Reads the flags of all messages when
/// anything has changed since it was asked last, and the facts of mailboxes that got or lost one. Job.
Result<MailboxInfos> mailboxInfos(const AccountHandle& account, const Asker& asker);

}  // namespace posthorn::store::objects
