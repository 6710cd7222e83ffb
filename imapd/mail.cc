// SPDX-License-Identifier: Apache-2.0
#include "imapd/mail.h"

#include <algorithm>
#include <bit>

#include "common/imap/types/flags.h"
#include "common/store/schema.h"

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

Status mayWrite(const Mail& mail) {
  if (!mail.selected->readOnly) return {};
  return Error{Errc::Invalid, "read-only", "The mailbox is opened read-only"};
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
  std::string names = "\\Answered \\Flagged \\Deleted \\Seen \\Draft";
  std::size_t used = 0;
  for (const std::string& keyword : box.keywords) {
    if (keyword.empty()) continue;
    names.append(" ").append(keyword);
    ++used;
  }
  out.append("* FLAGS (").append(names).append(")\r\n* OK [PERMANENTFLAGS (");
  if (!box.readOnly) out.append(names).append(used < store::kMaxKeywords ? " \\*" : "");
  out.append(")] Flags permitted\r\n");
}

void putUids(std::string& out, const std::vector<store::Uid>& uids) {
  imap::SetWriter set(out);
  for (const store::Uid uid : uids) set.add(uid);
  set.end();
}

}  // namespace posthorn::imapd
