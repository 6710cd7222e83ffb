// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>

#include "common/imap/print/jmap.h"
#include "common/store/objects/counts.h"
#include "imapd/access.h"
#include "imapd/commands/commands.h"
#include "imapd/jmap.h"
#include "imapd/object_id.h"

namespace posthorn::imapd {

namespace {

/// RFC 8621 2: each user subscribes for himself. What he subscribes of others' stands in his own account.
Result<std::set<std::string>> subscriptionsOf(const Mail& mail, const JmapAccount& target) {
  std::set<std::string> names;
  if (!target.asker) return names;
  const std::string prefix = std::string(kOthersPrefix) + target.account.id() + "/";
  PH_TRY(const auto entries, mail.account.list());
  for (const store::MailboxEntry& entry : entries)
    if (entry.subscribed && entry.name.starts_with(prefix)) names.insert(entry.name.substr(prefix.size()));
  return names;
}

}  // namespace

/// XMAILBOXES: the mailboxes with all that JMAP asks of them (RFC 8621 2).
Result<Answer> commands::xMailboxes(Mail& mail, const imap::jmap::MailboxesArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const JmapAccount target, jmapAccountOf(mail, args.owner));
  PH_TRY(const auto infos, store::objects::mailboxInfos(target.account, target.asker));
  PH_TRY(const auto subscriptions, subscriptionsOf(mail, target));
  Answer answer;
  for (const auto& info : infos.mailboxes) {
    imap::jmap::MailboxData data;
    data.id = mailboxIdText(info.id);
    data.name = imap::MailboxName{info.name};
    for (const auto use : store::spellSpecialUse(info.specialUse)) data.specialUses.emplace_back(use);
    data.rights = store::spellRights(info.rights);
    // Rights of RFC 2086, which stand for some of the others.
    std::erase_if(data.rights, [](char right) { return right == 'c' || right == 'd'; });
    data.subscribed = target.asker ? subscriptions.contains(info.name) : info.subscribed;
    data.shared = info.shared;
    data.sortOrder = info.sortOrder;
    data.messages = info.messages;
    data.unseen = info.unseen;
    data.threads = info.threads;
    data.unseenThreads = info.unseenThreads;
    data.octets = info.octets;
    data.uidValidity = info.uidValidity;
    imap::putJmap(answer.untagged, data, {.utf8 = mail.features.utf8});
  }
  answer.text = stateText(infos.state);
  return answer;
}

}  // namespace posthorn::imapd
