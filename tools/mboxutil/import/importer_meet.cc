// SPDX-License-Identifier: Apache-2.0
// How a folder of the source meets the mailbox of its name.
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
Result<bool> Importer::open(const Folder& folder, const Listing& listing, FolderReport& report,
                            Target& target) {
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
  std::size_t missing = 0;
  std::size_t passed = 0;
  std::size_t moved = 0;
  for (std::size_t i = 0; i < listing.messages.size(); ++i) {
    const Message& message = listing.messages[i];
    const store::Known& known = target.known[i];
    if (!known.known) ++missing;
    if (!known.known && message.uid != 0 && message.uid < status.uidNext) ++passed;
    if (known.uid != 0 && message.uid != 0 && known.uid != message.uid) ++moved;
  }
  const bool begun = missing < listing.messages.size();
  target.keep = target.keep && status.uidValidity == listing.uidValidity;
  if (target.keep && passed == 0 && moved == 0) return {};
  if (target.keep) {
    const std::string why = std::to_string(passed + moved) +
                            " messages have UIDs that the mailbox has given to others, or had passed already";
    if (options_.append) return giveUpNumbers(report, target, why);
    return makeError(Errc::Conflict, why + ": --append imports them with new UIDs and a new UIDVALIDITY");
  }
  if (missing > 0 && !begun && !options_.append)
    return makeError(
        Errc::Conflict,
        "the mailbox has mail of its own: --append adds the folder's messages to it, with new UIDs");
  report.numbers = missing == 0 ? FolderReport::Numbers::None : FolderReport::Numbers::Added;
  return {};
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
