// SPDX-License-Identifier: Apache-2.0
// How a folder of the source meets the mailbox of its name.
#include <algorithm>
#include <iterator>
#include <unordered_set>

#include "common/store/maildrop.h"
#include "common/store/records.h"
#include "tools/mboxutil/import/importer.h"

namespace posthorn::migrate {

Status Importer::meet(const Folder& folder, Listing& listing, FolderReport& report, Target& target) {
  target.keep = listing.uidValidity != 0;
  target.known.resize(listing.messages.size());
  report.numbers = target.keep ? FolderReport::Numbers::Kept : FolderReport::Numbers::New;
  bool fresh = true;
  if (account_) {
    PH_TRY(fresh, open(folder, listing, report, target));
  }
  return dropDoubles(folder, listing, target, report, fresh);
}

/// True when the mailbox never had a message.
Result<bool> Importer::open(const Folder& folder, Listing& listing, FolderReport& report, Target& target) {
  auto box = account_->mailbox(folder.name);
  if (!box.ok() && box.error().code != Errc::NotFound) return box.error();
  if (!box.ok()) {
    if (options_.dryRun) return true;
    PH_CHECK(account_->create(folder.name));
    box = account_->mailbox(folder.name);
    if (!box.ok()) return box.error();
  }
  target.box = box.value();
  PH_TRY(const auto status, target.box->status());
  PH_CHECK(findKnown(listing, target));
  if (status.uidNext != 1 || status.messages != 0) {
    PH_CHECK(meetMail(listing, status, report, target));
    if (target.keep) putLateOnesBehind(listing, status.uidNext, report, target);
    return false;
  }
  if (!target.keep || options_.dryRun || status.uidValidity == listing.uidValidity) return true;
  auto adopted = store::adoptUidValidity(*account_, folder.name, listing.uidValidity);
  if (adopted.ok()) {
    target.box = adopted.value();
    return true;
  }
  const Errc code = adopted.error().code;
  if (code != Errc::Exists && code != Errc::Invalid) return adopted.error();
  report.notes.push_back(
      "UIDVALIDITY " + std::to_string(listing.uidValidity) +
      (code == Errc::Exists ? " was another mailbox's of that name" : " is too near to its end") +
      ": the mailbox has a new one, and clients will read it anew");
  report.numbers = FolderReport::Numbers::New;
  target.keep = false;
  return true;
}

Status Importer::findKnown(const Listing& listing, Target& target) const {
  std::vector<Id128> ids;
  ids.reserve(listing.messages.size());
  for (const auto& message : listing.messages) ids.push_back(message.id);
  PH_TRY(target.known, store::known(*target.box, ids));
  return {};
}

/// The mailbox has or had messages: what may be done with it?
Status Importer::meetMail(const Listing& listing, const store::MailboxStatus& status, FolderReport& report,
                          Target& target) {
  const auto missing = static_cast<std::size_t>(
      std::count_if(target.known.begin(), target.known.end(), [](const auto& one) { return !one.known; }));
  target.keep = target.keep && status.uidValidity == listing.uidValidity;
  if (target.keep) {
    PH_TRY(const std::size_t taken, takenUids(listing, target));
    if (taken == 0) return {};
    const std::string why =
        std::to_string(taken) + " messages have UIDs that the mailbox has given to others";
    if (options_.append) return giveUpNumbers(report, target, why);
    return makeError(Errc::Conflict, why + ": --append imports them with new UIDs and a new UIDVALIDITY");
  }
  const bool begun = missing < listing.messages.size();
  if (missing > 0 && !begun && !options_.append)
    return makeError(
        Errc::Conflict,
        "the mailbox has mail of its own: --append adds the folder's messages to it, with new UIDs");
  report.numbers = missing == 0 ? FolderReport::Numbers::None : FolderReport::Numbers::Added;
  return {};
}

/// How many UIDs of the source mean another message here, under the same UIDVALIDITY.
Result<std::size_t> Importer::takenUids(const Listing& listing, const Target& target) {
  PH_TRY(const auto here, target.box->uids());
  std::size_t taken = 0;
  for (std::size_t i = 0; i < listing.messages.size(); ++i) {
    const store::Uid uid = listing.messages[i].uid;
    if (uid != 0 && target.known[i].uid != uid && std::binary_search(here.begin(), here.end(), uid)) ++taken;
  }
  return taken;
}

/// Messages that an earlier run could not take, and whose UIDs have passed: they come behind all others.
/// Their old UIDs stay empty.
void Importer::putLateOnesBehind(Listing& listing, store::Uid uidNext, FolderReport& report, Target& target) {
  std::vector<Message> behind;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < listing.messages.size(); ++i) {
    Message& message = listing.messages[i];
    if (!target.known[i].known && message.uid != 0 && message.uid < uidNext) {
      behind.push_back(std::move(message));
      behind.back().uid = 0;
      continue;
    }
    target.known[kept] = target.known[i];
    if (kept != i) listing.messages[kept] = std::move(message);
    ++kept;
  }
  listing.messages.resize(kept);
  target.known.resize(kept);
  if (behind.empty()) return;
  report.notes.push_back(std::to_string(behind.size()) +
                         " messages have UIDs that an earlier run has passed: they get new ones");
  const auto unnumbered = std::find_if(listing.messages.begin(), listing.messages.end(),
                                       [](const auto& one) { return one.uid == 0; });
  const auto at = unnumbered - listing.messages.begin();
  listing.messages.insert(unnumbered, std::make_move_iterator(behind.begin()),
                          std::make_move_iterator(behind.end()));
  target.known.insert(target.known.begin() + at, behind.size(), store::Known{});
}

/// Messages come to UIDs that a client may know for others under this UIDVALIDITY: it must go.
Status Importer::giveUpNumbers(FolderReport& report, Target& target, const std::string& why) {
  report.notes.push_back(why + ": the mailbox has a new UIDVALIDITY, and clients will read it anew");
  report.numbers = FolderReport::Numbers::New;
  target.keep = false;
  if (options_.dryRun) return {};
  PH_TRY(target.box, store::renewUidValidity(*target.box));
  return {};
}

/// A UIDL stands for one message of the maildrop (RFC 1939 section 7).
Status Importer::dropDoubles(const Folder& folder, Listing& listing, const Target& target,
                             FolderReport& report, bool fresh) const {
  std::unordered_set<std::string> taken;
  if (!fresh && folder.path.empty() && target.box) {
    PH_TRY(const auto drop, store::Maildrop::open(*account_));
    for (std::size_t i = 0; i < drop.count(); ++i) taken.insert(drop.uidl(i));
  }
  std::size_t dropped = 0;
  for (std::size_t i = 0; i < listing.messages.size(); ++i) {
    std::string& uidl = listing.messages[i].uidl;
    if (uidl.empty() || target.known[i].known) continue;
    if (store::isUidl(uidl) && taken.insert(uidl).second) continue;
    uidl.clear();
    ++dropped;
  }
  if (dropped > 0)
    report.notes.push_back(std::to_string(dropped) +
                           " UIDLs were double or none that POP can have: these messages get new ones");
  return {};
}

}  // namespace posthorn::migrate
