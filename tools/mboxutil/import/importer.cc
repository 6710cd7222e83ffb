// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/importer.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <set>
#include <unordered_set>

#include "common/base/ascii.h"
#include "common/store/maildrop.h"
#include "common/store/records.h"
#include "tools/mboxutil/import/folder_name.h"
#include "tools/mboxutil/import/foreign.h"

namespace posthorn::migrate {

namespace {

// A commit is as large as it may be without keeping others from theirs for long.
constexpr std::uint64_t kBatchOctets = std::uint64_t{8} << 20;
constexpr std::size_t kMostFailuresShown = 100;

/// The moment in the zone of this host, as servers tell it.
store::ZonedTime zoned(std::int64_t seconds) {
  std::tm local{};
  const std::time_t moment = seconds;
  if (::localtime_r(&moment, &local) == nullptr) return {seconds, 0};
  return {seconds, static_cast<std::int16_t>(local.tm_gmtoff / 60)};
}

std::vector<std::string> namesOf(const Listing& listing, std::uint64_t bits) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < listing.keywords.size(); ++i)
    if ((bits >> i & 1) != 0) names.push_back(listing.keywords[i]);
  return names;
}

std::string labelOf(const Message& message) {
  std::string label = message.file.empty() ? "the message at octet " + std::to_string(message.begin)
                                           : ascii::printable(message.file);
  if (message.uid != 0) label += " (UID " + std::to_string(message.uid) + ")";
  return label;
}

}  // namespace

Status Importer::run(Report& report) {
  const auto began = std::chrono::steady_clock::now();
  PH_TRY(const auto folders, source_.folders());
  for (std::size_t i = 0; i < folders.size(); ++i) {
    report.folders.emplace_back();
    FolderReport& folder = report.folders.back();
    folder.mailbox = folders[i].name;
    position_ = i + 1;
    count_ = folders.size();
    const Status done = importFolder(folders[i], folder);
    for (const auto& note : folder.notes) progress_.say(folder.mailbox, note);
    for (const auto& failure : folder.failures) progress_.say(folder.mailbox, failure);
    progress_.end(folder);
    if (!done.ok()) return done;
  }
  PH_CHECK(giveSpecialUses(folders));
  PH_CHECK(subscribe(report));
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return {};
}

Status Importer::importFolder(const Folder& folder, FolderReport& report) {
  if (!folder.note.empty()) report.notes.push_back(folder.note);
  const auto refuse = [&](const std::string& why) -> Status {
    report.refused = true;
    report.failures.insert(report.failures.begin(), why);
    return {};
  };
  auto listing = source_.list(folder);
  if (!listing.ok()) return refuse(listing.error().describe());
  report.found = listing.value().messages.size();
  report.notes.insert(report.notes.end(), listing.value().notes.begin(), listing.value().notes.end());
  progress_.begin(folder.name, position_, count_, report.found);
  Target target;
  const Status met = meet(folder, listing.value(), report, target);
  if (!met.ok() && met.error().code == Errc::Conflict) return refuse(met.error().text);
  PH_CHECK(met);
  const Status taken = takeAll(folder, listing.value(), report, target);
  writers_.clear();
  uids_.clear();
  weight_ = 0;
  if (!taken.ok() && taken.error().code == Errc::Conflict)
    return refuse(
        "mail came into the mailbox meanwhile, or it was renamed or removed: run the import again; with "
        "--append the rest gets new UIDs");
  PH_CHECK(taken);
  return options_.dryRun ? Status() : finishFolder(listing.value(), target);
}

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

Status Importer::takeAll(const Folder& folder, Listing& listing, FolderReport& report, Target& target) {
  bool listed = target.keep;
  lastTold_ = 0;
  std::uint64_t done = 0;
  for (std::size_t i = 0; i < listing.messages.size(); ++i) {
    Message& message = listing.messages[i];
    progress_.step(++done);
    if (target.known[i].known) {
      ++report.present;
      if (!message.recent) lastTold_ = std::max(lastTold_, target.known[i].uid);
      continue;
    }
    if (message.uid == 0 && options_.live && listing.uidValidity != 0) {
      ++report.later;
      continue;
    }
    if (listed && message.uid == 0) {
      // Those that nobody has numbered come after all that the source has ever numbered.
      listed = false;
      PH_CHECK(takeBatch(report, target));
      if (target.keep && !options_.dryRun) PH_CHECK(store::raiseUidNext(*target.box, listing.uidNext));
    }
    PH_TRY(const bool made, makeMessage(folder, listing, message, report));
    if (!made || options_.dryRun) continue;
    if (message.uid != 0) uids_.push_back(message.uid);
    told_.push_back(!message.recent);
    if (writers_.size() == store::kMaxAppend || weight_ >= kBatchOctets) PH_CHECK(takeBatch(report, target));
  }
  return takeBatch(report, target);
}

Status Importer::takeBatch(FolderReport& report, Target& target) {
  for (std::size_t at = 0; at < writers_.size();) {
    const auto rest = std::span(writers_).subspan(at);
    const bool keep = target.keep && uids_.size() == writers_.size();
    const auto uids = keep ? std::span<const store::Uid>(uids_).subspan(at) : std::span<const store::Uid>();
    const auto done = store::importMessages(*target.box, rest, uids);
    if (!done.ok() && done.error().code == Errc::Conflict && options_.append && keep) {
      PH_CHECK(giveUpNumbers(report, target, "mail came into the mailbox meanwhile"));
      continue;
    }
    if (!done.ok()) return done.error();
    for (std::size_t i = 0; i < done.value().taken; ++i) {
      const store::Uid uid = done.value().uids[i];
      if (uid == 0) {
        ++report.present;
        continue;
      }
      ++report.imported;
      report.octets += rest[i].size();
      if (told_[at + i]) lastTold_ = std::max(lastTold_, uid);
    }
    if (done.value().keywordsDropped > 0)
      report.notes.push_back(std::to_string(done.value().keywordsDropped) +
                             " keywords of messages had no place: a mailbox can have 64");
    at += done.value().taken;
  }
  writers_.clear();
  uids_.clear();
  told_.clear();
  weight_ = 0;
  return {};
}

/// False when the source cannot give it; an error when the store cannot take it.
Result<bool> Importer::makeMessage(const Folder& folder, const Listing& listing, Message& message,
                                   FolderReport& report) {
  std::optional<store::MessageWriter> writer;
  if (!options_.dryRun) {
    PH_TRY(auto made, store::importedMessage(*account_, message.octets.value_or(0), message.id));
    writer.emplace(std::move(made));
    if (!message.uidl.empty()) PH_CHECK(writer->importUidl(message.uidl));
  }
  Status stored;
  std::uint64_t octets = 0;
  const Status read = source_.read(folder, message, [&](View part) -> Status {
    if (octets == 0) PH_CHECK(checkIsMail(part));
    octets += part.size();
    if (writer) stored = writer->write(part);
    return stored;
  });
  const bool tooBig = !stored.ok() && stored.error().code == Errc::TooBig;
  if (!stored.ok() && !tooBig) return stored.error();
  if (!read.ok() && read.error().code == Errc::NotFound) {
    ++report.gone;
    return false;
  }
  if (!read.ok()) {
    failMessage(message, read.error(), report);
    return false;
  }
  if (octets == 0) {
    ++report.empty;
    return false;
  }
  if (options_.dryRun) {
    ++report.imported;
    report.octets += octets;
    return true;
  }
  PH_CHECK(
      writer->finish(zoned(message.date.value_or(0)), message.flags, namesOf(listing, message.keywords)));
  weight_ += writer->size();
  writers_.push_back(std::move(*writer));
  return true;
}

void Importer::failMessage(const Message& message, const Error& error, FolderReport& report) {
  ++report.failed;
  if (report.failures.size() < kMostFailuresShown)
    report.failures.push_back(labelOf(message) + ": " + error.describe());
  else if (report.failures.size() == kMostFailuresShown)
    report.failures.emplace_back("and more");
}

Status Importer::finishFolder(const Listing& listing, Target& target) {
  if (target.keep) PH_CHECK(store::raiseUidNext(*target.box, listing.uidNext));
  return lastTold_ == 0 ? Status() : target.box->claimRecent(lastTold_);
}

/// The folder that is named like one gets the special use, unless a mailbox with mail in it has it already.
Status Importer::giveSpecialUses(const std::vector<Folder>& folders) {
  if (!account_ || options_.dryRun) return {};
  std::set<std::string> names;
  for (const auto& folder : folders) names.insert(folder.name);
  store::SpecialUse given = 0;
  for (const auto& folder : folders) {
    const store::SpecialUse use = usualUse(folder.name);
    if (use == 0 || (given & use) != 0) continue;
    given |= use;
    PH_TRY(const auto entries, account_->list());
    const auto holder = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
      return entry.exists && (entry.status.specialUse & use) != 0;
    });
    if (holder != entries.end()) {
      const bool unused = holder->status.uidNext == 1 && names.count(holder->name) == 0;
      if (!unused) continue;
      PH_CHECK(account_->setSpecialUse(holder->name, holder->status.specialUse & ~use));
    }
    const auto self = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
      return entry.exists && entry.name == folder.name;
    });
    if (self != entries.end()) PH_CHECK(account_->setSpecialUse(folder.name, self->status.specialUse | use));
  }
  return {};
}

Status Importer::subscribe(Report& report) {
  const auto names = source_.subscriptions();
  if (!names.ok()) {
    progress_.say("subscriptions", names.error().describe());
    report.folders.front().failures.push_back("subscriptions: " + names.error().describe());
    ++report.folders.front().failed;
    return {};
  }
  for (const auto& name : names.value()) {
    ++report.subscribed;
    if (account_ && !options_.dryRun) PH_CHECK(account_->subscribe(name, true));
  }
  return {};
}

}  // namespace posthorn::migrate
