// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "common/store/reader.h"
#include "imapd/access.h"
#include "imapd/commands/commands.h"
#include "imapd/sync.h"

namespace posthorn::imapd {
namespace {

store::FlagChange changeOf(const imap::StoreArgs& args, store::Modseq shown) {
  using Mode = store::FlagChange::Mode;
  store::FlagChange change;
  change.mode = args.action == imap::StoreArgs::Action::Add      ? Mode::Add
                : args.action == imap::StoreArgs::Action::Remove ? Mode::Remove
                                                                 : Mode::Replace;
  change.flags = args.flags.system;
  change.keywords = args.flags.keywords;
  change.unchangedSince = args.unchangedSince;
  change.known = shown;
  return change;
}

Status tell(std::string& out, Mail& mail, const std::vector<store::Uid>& uids, const Telling& telling) {
  if (uids.empty() || !(telling.flags || telling.modseq)) return {};
  if (telling.flags) PH_CHECK(refreshKeywords(*mail.selected, out));
  const auto set = store::UidSet::of(uids);
  for (store::Uid from = 1; from != 0;) {
    PH_TRY(const auto window, mail.selected->box.window(set, from, store::Columns::Flags));
    for (const auto& row : window.rows) putFlagFetch(out, *mail.selected, row.message, telling);
    from = window.next;
  }
  return {};
}

/// Without .SILENT all that was named; with it, what the client cannot know by itself: the MODSEQ (RFC 7162
/// 3.1.3), and the flags of messages that others had changed before.
Status tellAll(std::string& out, Mail& mail, const store::FlagResult& result, bool silent, bool uid) {
  const bool modseq = mail.features.condstore;
  if (!silent) return tell(out, mail, result.matched, {true, modseq, uid});
  std::vector<store::Uid> expected;
  std::set_difference(result.changed.begin(), result.changed.end(), result.unseen.begin(),
                      result.unseen.end(), std::back_inserter(expected));
  PH_CHECK(tell(out, mail, expected, {false, modseq, uid}));
  return tell(out, mail, result.unseen, {true, modseq, uid});
}

std::string modified(const Mail& mail, const std::vector<store::Uid>& uids, bool uid) {
  std::vector<std::uint32_t> names = uids;
  if (!uid) {
    for (auto& name : names) name = mail.selected->sequence.number(name);
  }
  std::string text = "[MODIFIED ";
  putUids(text, names);
  return text + "] Some were changed meanwhile";
}

/// Whether the user may touch any of the flags that are named; FLAGS without a name clears all that he may.
Status mayStore(const Mail& mail, const imap::StoreArgs& args) {
  PH_CHECK(mayWrite(mail, 0));
  const store::Reader user{{}, mail.selected->rights};
  const bool named = args.flags.system != 0 || !args.flags.keywords.empty();
  const bool some = (user.flags() & args.flags.system) != 0 ||
                    (!args.flags.keywords.empty() && user.mayUseKeywords()) || (!named && user.flags() != 0);
  return some ? Status() : notPermitted();
}

}  // namespace

/// STORE (RFC 3501 6.4.6, RFC 7162 3.1.3).
Result<Answer> commands::store(Mail& mail, const imap::StoreArgs& args, Request request) {
  const auto messages = messagesOf(mail, args.set, request.uid);
  if (!messages.ok()) return badAnswer(messages.error().client);
  PH_CHECK(mayStore(mail, args));
  Selected& box = *mail.selected;
  Answer answer;
  if (args.unchangedSince) enableCondstore(mail, answer.untagged);
  PH_TRY(const auto result, box.box.storeFlags(*messages, changeOf(args, box.shown)));
  PH_CHECK(tellAll(answer.untagged, mail, result, args.silent, request.uid));
  box.told.insert(box.told.end(), result.stamps.begin(), result.stamps.end());
  if (!result.modified.empty()) {
    answer.text = modified(mail, result.modified, request.uid);
  } else if (!request.uid && result.matched.size() < messages->count()) {
    answer.status = "NO";
    answer.text = "[EXPUNGEISSUED] Some of the messages are gone";
  }
  return answer;
}

}  // namespace posthorn::imapd
