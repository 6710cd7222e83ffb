// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/imap/print/jmap.h"
#include "common/store/objects/update.h"
#include "imapd/commands/commands.h"
#include "imapd/jmap.h"
#include "imapd/object_id.h"

namespace posthorn::imapd {
namespace {

namespace jmap = imap::jmap;
namespace objects = store::objects;

objects::EmailUpdate updateOf(const jmap::Update& update) {
  objects::EmailUpdate made;
  made.id = emailIdOf(update.id).value_or(Id128());
  made.destroy = update.destroy;
  if (update.setFlags) made.setFlags = flagNamesOf(*update.setFlags);
  made.addFlags = flagNamesOf(update.addFlags);
  made.dropFlags = flagNamesOf(update.dropFlags);
  if (update.setMailboxes) made.setMailboxes = mailboxIdsOf(*update.setMailboxes);
  made.addMailboxes = mailboxIdsOf(update.addMailboxes);
  made.dropMailboxes = mailboxIdsOf(update.dropMailboxes);
  return made;
}

/// The ids as they were sent, of those that are none.
std::vector<jmap::Id> spelled(const jmap::Update& update, const std::vector<Id128>& unknown) {
  std::vector<jmap::Id> ids;
  for (const jmap::Id& id : update.setMailboxes ? *update.setMailboxes : update.addMailboxes) {
    const Id128 number = mailboxIdOf(id).value_or(Id128());
    if (std::find(unknown.begin(), unknown.end(), number) != unknown.end()) ids.push_back(id);
  }
  return ids;
}

}  // namespace

/// XUPDATE: flags and mailboxes of messages (RFC 8621 4.6).
Result<Answer> commands::xUpdate(Mail& mail, const jmap::UpdateArgs& args, Request request) {
  static_cast<void>(request);
  static_assert(static_cast<int>(objects::EmailOutcome::Kind::OverQuota) ==
                static_cast<int>(jmap::UpdateData::Outcome::OverQuota));
  PH_TRY(const JmapAccount target, jmapAccountOf(mail, args.owner));
  std::vector<objects::EmailUpdate> updates;
  updates.reserve(args.updates.size());
  for (const jmap::Update& update : args.updates) updates.push_back(updateOf(update));
  const auto done = objects::updateEmails(target.account, target.asker, args.ifState, updates);
  if (!done.ok() && done.error().code == Errc::Conflict)
    return jmapRefusal("[XSTATEMISMATCH]", "The account is in another state");
  if (!done.ok() && done.error().code == Errc::Limit)
    return jmapRefusal("[LIMIT]", "That is too much for one commit; ask for less at once");
  if (!done.ok()) return done.error();
  Answer answer;
  for (std::size_t i = 0; i < done->outcomes.size(); ++i) {
    jmap::UpdateData data;
    data.id = args.updates[i].id;
    data.outcome = static_cast<jmap::UpdateData::Outcome>(done->outcomes[i].kind);
    data.mailboxes = spelled(args.updates[i], done->outcomes[i].mailboxes);
    imap::putJmap(answer.untagged, data);
  }
  answer.text = stateText(done->after, done->before);
  return answer;
}

}  // namespace posthorn::imapd
