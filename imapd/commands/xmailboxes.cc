// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/jmap.h"
#include "common/store/objects/counts.h"
#include "imapd/commands/commands.h"
#include "imapd/jmap.h"
#include "imapd/object_id.h"

namespace posthorn::imapd {

/// XMAILBOXES: the mailboxes with all that JMAP asks of them (RFC 8621 2).
Result<Answer> commands::xMailboxes(Mail& mail, const imap::jmap::MailboxesArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const JmapAccount target, jmapAccountOf(mail, args.owner));
  PH_TRY(const auto infos, store::objects::mailboxInfos(target.account, target.asker));
  Answer answer;
  for (const auto& info : infos.mailboxes) {
    imap::jmap::MailboxData data;
    data.id = mailboxIdText(info.id);
    data.name = imap::MailboxName{info.name};
    for (const auto use : store::spellSpecialUse(info.specialUse)) data.specialUses.emplace_back(use);
    data.rights = store::spellRights(info.rights);
    // Rights of RFC 2086, which stand for some of the others.
    std::erase_if(data.rights, [](char right) { return right == 'c' || right == 'd'; });
    data.subscribed = info.subscribed;
    data.shared = info.shared;
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
