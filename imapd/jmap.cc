// SPDX-License-Identifier: Apache-2.0
#include "imapd/jmap.h"

#include "imapd/access.h"
#include "imapd/object_id.h"
#include "imapd/others.h"

namespace posthorn::imapd {

bool forProxyUsersOnly(imap::CommandName name) {
  switch (name) {
    case imap::CommandName::XChanges:
    case imap::CommandName::XMailboxes:
    case imap::CommandName::XMessages:
    case imap::CommandName::XQuery:
    case imap::CommandName::XRemove:
    case imap::CommandName::XThreads:
    case imap::CommandName::XUpdate:
      return true;
    default:
      return false;
  }
}

Result<JmapAccount> jmapAccountOf(const Mail& mail, std::string_view owner) {
  if (owner.empty() || owner == mail.account.id()) return JmapAccount{mail.account, {}};
  PH_TRY(auto account, accountOf(mail, owner));
  if (!mail.others) return notPermitted();
  return JmapAccount{std::move(account), mail.others->identity(mail.account.id())};
}

std::optional<Id128> mailboxIdOf(std::string_view text) {
  if (!text.starts_with('F')) return std::nullopt;
  return Id128::fromHex(text.substr(1));
}

// Random ids are never all zero.
std::vector<Id128> emailIdsOf(std::span<const imap::jmap::Id> ids) {
  std::vector<Id128> found;
  found.reserve(ids.size());
  for (const auto& id : ids) found.push_back(emailIdOf(id).value_or(Id128()));
  return found;
}

std::vector<Id128> mailboxIdsOf(std::span<const imap::jmap::Id> ids) {
  std::vector<Id128> found;
  found.reserve(ids.size());
  for (const auto& id : ids) found.push_back(mailboxIdOf(id).value_or(Id128()));
  return found;
}

std::vector<store::objects::FlagName> flagNamesOf(std::span<const std::string> names) {
  std::vector<store::objects::FlagName> flags;
  flags.reserve(names.size());
  for (const std::string& name : names) flags.push_back(store::objects::flagOf(name));
  return flags;
}

std::string stateText(store::Modseq state, std::optional<store::Modseq> before) {
  std::string text = "[XSTATE " + std::to_string(state);
  if (before) text += " " + std::to_string(*before);
  return text + "] Done";
}

Answer jmapRefusal(std::string_view code, std::string_view text) {
  Answer answer;
  answer.status = "NO";
  answer.text = std::string(code) + " " + std::string(text);
  return answer;
}

}  // namespace posthorn::imapd
