// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/importer.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <set>

#include "common/base/ascii.h"
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
    Status done = importFolder(folders[i], folder);
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
  told_.clear();
  weight_ = 0;
  if (!taken.ok() && taken.error().code == Errc::Conflict)
    return refuse(
        "mail came into the mailbox meanwhile, or it was renamed or removed: run the import again; with "
        "--append the rest gets new UIDs");
  PH_CHECK(taken);
  return options_.dryRun ? Status() : finishFolder(listing.value(), target);
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
    if (report.folders.empty()) return names.error();
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
