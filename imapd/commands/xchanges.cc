// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/imap/print/jmap.h"
#include "common/store/objects/changes.h"
#include "imapd/commands/commands.h"
#include "imapd/jmap.h"
#include "imapd/object_id.h"

namespace posthorn::imapd {
namespace {

using imap::jmap::DataType;

template <typename Id, typename Spell>
Answer answerOf(const imap::jmap::ChangesArgs& args, const store::objects::ChangeList<Id>& list,
                Spell spell) {
  imap::jmap::ChangesData data;
  data.type = args.type;
  data.oldState = args.since;
  data.newState = list.newState;
  data.more = list.more;
  data.countsOnly = list.countsOnly;
  if (list.newAfter) data.after = spell(*list.newAfter);
  for (const Id& id : list.created) data.created.push_back(spell(id));
  for (const Id& id : list.updated) data.updated.push_back(spell(id));
  for (const Id& id : list.destroyed) data.destroyed.push_back(spell(id));
  Answer answer;
  imap::putJmap(answer.untagged, data);
  answer.text = stateText(list.newState);
  return answer;
}

Answer notKnown() {
  return jmapRefusal("[XCANNOTCALCULATE]", "What changed since then is not known");
}

/// `read` makes an id of its text, `ask` the list of what is known and of how many.
template <typename Id, typename Ask, typename Read, typename Spell>
Result<Answer> made(const imap::jmap::ChangesArgs& args, const JmapAccount& target, Ask ask, Read read,
                    Spell spell) {
  // What fits into one response. Whoever has more goes on from an intermediate state.
  constexpr std::uint32_t kMost = 65'536;
  store::objects::Known<Id> since{args.since, {}};
  if (!args.after.empty()) {
    since.after = read(args.after);
    if (!since.after) return notKnown();
  }
  const std::uint32_t most = args.most == 0 ? kMost : std::min(args.most, kMost);
  const auto list = ask(target.account, target.asker, since, most);
  if (list.ok()) return answerOf(args, *list, spell);
  if (list.error().code != Errc::Conflict) return list.error();
  return notKnown();
}

}  // namespace

/// XCHANGES: what happened to messages, threads or mailboxes since a state (RFC 8620 5.2).
Result<Answer> commands::xChanges(Mail& mail, const imap::jmap::ChangesArgs& args, Request request) {
  static_cast<void>(request);
  namespace objects = store::objects;
  PH_TRY(const JmapAccount target, jmapAccountOf(mail, args.owner));
  if (args.type == DataType::Thread)
    return made<std::uint64_t>(args, target, objects::threadChanges, threadIdOf, threadIdText);
  if (args.type == DataType::Mailbox)
    return made<Id128>(args, target, objects::mailboxChanges, mailboxIdOf, mailboxIdText);
  return made<Id128>(args, target, objects::emailChanges, emailIdOf, emailIdText);
}

}  // namespace posthorn::imapd
