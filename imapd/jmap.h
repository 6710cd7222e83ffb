// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/imap/types/command_name.h"
#include "common/imap/types/jmap.h"
#include "common/store/account.h"
#include "common/store/objects/box.h"
#include "common/store/objects/filter.h"
#include "imapd/answer.h"
#include "imapd/mail.h"

// What the commands of X-POSTHORN-JMAP share (common/imap/types/jmap.h, common/store/objects).

namespace posthorn::imapd {

inline constexpr std::string_view kJmapCapability = "X-POSTHORN-JMAP";

/// Whether a command is offered only to sessions that a proxy user opened.
bool forProxyUsersOnly(imap::CommandName name);

/// The account that a command is about, and through whose eyes.
struct JmapAccount {
  store::AccountHandle account;
  store::objects::Asker asker;
};
/// NotFound when there is no such account here; what the user may see there is for the access lists. Job.
Result<JmapAccount> jmapAccountOf(const Mail& mail, std::string_view owner);

/// "F" and hex digits; nothing for texts that are no MAILBOXID of ours.
std::optional<Id128> mailboxIdOf(std::string_view text);
/// Of each id; one of nobody for texts that are none of ours.
std::vector<Id128> emailIdsOf(std::span<const imap::jmap::Id> ids);
std::vector<Id128> mailboxIdsOf(std::span<const imap::jmap::Id> ids);
std::vector<store::objects::FlagName> flagNamesOf(std::span<const std::string> names);

/// "[XSTATE 5] Done", and "[XSTATE 5 3] Done".
std::string stateText(store::Modseq state, std::optional<store::Modseq> before = {});
/// NO with a code of our own.
Answer jmapRefusal(std::string_view code, std::string_view text);

}  // namespace posthorn::imapd
