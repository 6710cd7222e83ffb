// SPDX-License-Identifier: Apache-2.0
#include "imapd/mail.h"

#include <algorithm>
#include <bit>

#include "common/base/ascii.h"
#include "common/imap/types/flags.h"
#include "common/store/reader.h"
#include "common/store/schema.h"
#include "imapd/access.h"

namespace posthorn::imapd {

// Two rooms that do not know each other have given the flags the same bits.
static_assert(store::kSeen == imap::kSeen && store::kAnswered == imap::kAnswered &&
              store::kFlagged == imap::kFlagged && store::kDeleted == imap::kDeleted &&
              store::kDraft == imap::kDraft && store::kAllFlags == imap::kAllSystemFlags);

Result<store::UidSet> messagesOf(const Mail& mail, const imap::SequenceSet& set, bool uid) {
  const Sequence& sequence = mail.selected->sequence;
  if (set.saved) return Error{Errc::Invalid, "$", "SEARCHRES is not offered"};
  if (!uid) {
    // "1:*" of an empty mailbox is what clients send without thinking.
    if (imap::largestNamed(set) > sequence.count() && !(sequence.empty() && imap::namesStar(set)))
      return Error{Errc::Invalid, "sequence number", "No message has this number"};
    return sequence.uids(imap::resolved(set, sequence.count()));
  }
  std::vector<store::UidRange> ranges;
  for (const auto& range : imap::resolved(set, sequence.last()))
    if (range.first <= sequence.last())
      ranges.push_back({range.first, std::min(range.last, sequence.last())});
  return store::UidSet::of(std::move(ranges));
}

Status mayWrite(const Mail& mail, store::Rights needed) {
  if (mail.selected->readOnly) return Error{Errc::Invalid, "read-only", "The mailbox is opened read-only"};
  return (mail.selected->rights & needed) == needed ? Status() : notPermitted();
}

Status recheck(Mail& mail) {
  if (!mail.selected || mail.selected->box.reader() == nullptr) return {};
  Selected& box = *mail.selected;
  PH_TRY(const store::Rights rights, rightsOn(mail, box.box));
  if ((rights & store::kMayRead) == 0)
    return makeError(Errc::Conflict, "imapd: the mailbox may not be read any more");
  if (rights != box.rights) box.box = box.box.as({mail.account.id(), rights});
  box.rights = rights;
  return {};
}

void enableCondstore(Mail& mail, std::string& out) {
  if (std::exchange(mail.features.condstore, true) || !mail.selected) return;
  out.append("* OK [HIGHESTMODSEQ ").append(std::to_string(mail.selected->shown)).append("] Highest\r\n");
}

void leave(Mail& mail) {
  if (!mail.selected->readOnly && mail.selected->sequence.last() > mail.selected->recentUid) {
    // \Recent is a hint: a mailbox that is gone or a full disk keeps nobody from leaving.
    const Status claimed = mail.selected->box.claimRecent(mail.selected->top);
    static_cast<void>(claimed);
  }
  mail.selected.reset();
}

void putFlags(std::string& out, const Selected& box, store::Uid uid, store::SystemFlags flags,
              std::uint64_t keywords) {
  imap::ListWriter list(out);
  imap::putSystemFlags(list, static_cast<imap::SystemFlags>(flags & store::kAllFlags));
  if (uid > box.recentUid) list.word("\\Recent");
  for (; keywords != 0; keywords &= keywords - 1) {
    const auto bit = static_cast<std::size_t>(std::countr_zero(keywords));
    if (bit < box.keywords.size() && !box.keywords[bit].empty()) list.word(box.keywords[bit]);
  }
  list.end();
}

void putFlagResponses(std::string& out, const Selected& box) {
  constexpr View kSystem = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";
  std::string keywords;
  std::size_t used = 0;
  for (const std::string& keyword : box.keywords) {
    if (keyword.empty()) continue;
    keywords.append(" ").append(keyword);
    ++used;
  }
  out.append("* FLAGS (").append(kSystem).append(keywords).append(")\r\n* OK [PERMANENTFLAGS (");
  const store::Reader user{{}, box.readOnly ? store::Rights{0} : box.rights};
  std::string lasting;
  for (const View flag : ascii::split(kSystem, ' '))
    if ((user.flags() & store::parseSystemFlag(flag).value_or(0)) != 0)
      lasting.append(lasting.empty() ? "" : " ").append(flag);
  if (user.mayUseKeywords()) lasting.append(keywords).append(used < store::kMaxKeywords ? " \\*" : "");
  out.append(lasting).append(")] Flags permitted\r\n");
}

void putUids(std::string& out, const std::vector<store::Uid>& uids) {
  imap::SetWriter set(out);
  for (const store::Uid uid : uids) set.add(uid);
  set.end();
}

}  // namespace posthorn::imapd
