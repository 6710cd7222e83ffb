// SPDX-License-Identifier: Apache-2.0
#include "imapd/sync.h"

#include <algorithm>

#include "imapd/metadata.h"

namespace posthorn::imapd {
namespace {

using Rows = std::vector<store::Changes::Row>;

/// UIDs that the session has and the mailbox has no more.
Result<std::vector<store::Uid>> goneUids(const Selected& box, const store::Changes& changes) {
  std::vector<store::Uid> gone;
  if (changes.goneComplete) {
    for (const auto& tombstone : changes.gone)
      if (box.sequence.number(tombstone.uid) != 0) gone.push_back(tombstone.uid);
    std::sort(gone.begin(), gone.end());
    return gone;
  }
  // So many were expunged that the store has forgotten which: the mailbox tells by what it still has.
  PH_TRY(const auto there, box.box.uids());
  for (const auto& range : box.sequence.ranges())
    for (store::Uid uid = range.first; uid <= range.last && uid != 0; ++uid)
      if (!std::binary_search(there.begin(), there.end(), uid)) gone.push_back(uid);
  return gone;
}

void tellGone(Mail& mail, const std::vector<store::Uid>& gone, std::string& out) {
  Sequence& sequence = mail.selected->sequence;
  const auto numbers = sequence.remove(gone);
  if (numbers.empty()) return;
  if (mail.features.qresync) {
    out.append("* VANISHED ");
    putUids(out, gone);
    out.append("\r\n");
    return;
  }
  for (const std::uint32_t number : numbers)
    out.append("* ").append(std::to_string(number)).append(" EXPUNGE\r\n");
}

void tellArrivals(Selected& box, const Rows& rows, std::string& out) {
  const store::Uid before = box.top;
  for (const auto& row : rows) {
    if (row.uid <= box.top) continue;
    box.sequence.append(row.uid);
    box.top = row.uid;
  }
  if (box.top == before) return;
  out.append("* ").append(std::to_string(box.sequence.count())).append(" EXISTS\r\n");
  out.append("* ").append(std::to_string(box.sequence.countAbove(box.recentUid))).append(" RECENT\r\n");
}

/// A FETCH response must not bear a keyword that FLAGS has not named.
Status tellKeywords(Selected& box, const Rows& rows, std::string& out) {
  const bool any = std::any_of(rows.begin(), rows.end(), [](const auto& row) { return row.keywords != 0; });
  return any ? refreshKeywords(box, out) : Status();
}

bool isTold(const Selected& box, store::Modseq modseq) {
  return std::binary_search(box.told.begin(), box.told.end(), modseq);
}

}  // namespace

Status refreshKeywords(Selected& box, std::string& out) {
  PH_TRY(auto names, box.box.keywords());
  if (names == box.keywords) return {};
  box.keywords = std::move(names);
  putFlagResponses(out, box);
  return {};
}

Status sync(Mail& mail, SyncPolicy policy, bool uid, std::string& out) {
  if (policy == SyncPolicy::Full || policy == SyncPolicy::KeepNumbers) PH_CHECK(tellMetadata(mail, out));
  if (policy == SyncPolicy::None || !mail.selected) return {};
  PH_CHECK(recheck(mail));
  Selected& box = *mail.selected;
  const store::Modseq since = std::min(box.shown, box.shownGone);
  PH_TRY(const auto changes, box.box.changesSince(since));
  if (policy == SyncPolicy::Full) {
    PH_TRY(const auto gone, goneUids(box, changes));
    tellGone(mail, gone, out);
    box.shownGone = changes.modseq;
  } else if (changes.goneComplete && changes.gone.empty()) {
    box.shownGone = changes.modseq;  // the next look need not begin so far back
  }
  const store::Uid before = box.top;
  tellArrivals(box, changes.changed, out);
  if (policy == SyncPolicy::Arrivals) {
    box.arrived = changes.modseq;
    return {};
  }
  PH_CHECK(tellKeywords(box, changes.changed, out));
  const Telling telling{.modseq = mail.features.condstore, .uid = uid || mail.features.qresync};
  for (const auto& row : changes.changed) {
    const store::Modseq known = row.uid <= box.settled ? box.shown : box.arrived;
    if (row.uid <= before && row.modseq > known && !isTold(box, row.modseq))
      putFlagFetch(out, box, row, telling);
  }
  box.shown = changes.modseq;
  box.settled = box.top;
  box.told.clear();
  return {};
}

}  // namespace posthorn::imapd
