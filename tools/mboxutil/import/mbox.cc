// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/mbox.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <thread>

#include <dirent.h>
#include <sys/stat.h>

#include "common/base/ascii.h"
#include "common/store/names.h"
#include "common/store/records.h"
#include "common/store/schema.h"
#include "tools/mboxutil/import/dovecot.h"
#include "tools/mboxutil/import/mbox_scan.h"

namespace posthorn::migrate {

namespace {

constexpr std::size_t kDeepest = 32;
constexpr std::size_t kMostFolders = 20'000;
constexpr std::uint64_t kLargestFile = std::uint64_t{64} << 20;
constexpr int kLockTries = 100;
constexpr std::chrono::milliseconds kLockPause{100};

/// Empty, or with a From line at its beginning.
bool looksLikeMbox(const SourceFile& file) {
  if (file.size() == 0) return true;
  const auto entry = MboxScan(file, Quoting::None).next();
  return entry.ok();
}

/// The directory of a path and the name in it.
std::pair<std::string, std::string> splitPath(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

std::uint64_t bitOf(Listing& listing, View name) {
  auto& names = listing.keywords;
  const auto known =
      std::find_if(names.begin(), names.end(), [&](const auto& one) { return ascii::equal(one, name); });
  const auto at = static_cast<std::size_t>(known - names.begin());
  if (known != names.end()) return std::uint64_t{1} << at;
  if (!store::isKeyword(name) || at >= store::kMaxKeywords) return 0;
  names.emplace_back(name);
  return std::uint64_t{1} << at;
}

/// "1700000000 0000000012 Work $Fwd".
store::Uid takeBase(const std::string& base, Listing& listing) {
  const auto words = ascii::words(base);
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  if (words.size() < 2) return 0;
  const auto validity = ascii::number(words[0]);
  const auto last = ascii::number(words[1]);
  if (!validity || *validity == 0 || *validity > kMost || !last || *last >= kMost) return 0;
  listing.uidValidity = static_cast<std::uint32_t>(*validity);
  listing.uidNext = static_cast<store::Uid>(*last) + 1;
  for (std::size_t i = 2; i < words.size(); ++i) bitOf(listing, words[i]);
  return static_cast<store::Uid>(*last);
}

/// What clients see of the message, into `sink`, and the identity of just that.
Result<Id128> deliver(const SourceFile& file, Quoting quoting, std::uint64_t begin, std::uint64_t end,
                      const TextSink& sink) {
  Digest digest;
  MboxText text(quoting, [&](View part) -> Status {
    digest.piece(part);
    return sink(part);
  });
  PH_CHECK(file.each(begin, end, [&](View part) { return text.feed(part); }));
  PH_CHECK(text.finish());
  return digest.finish();
}

Status waitForLock(SourceFile& file) {
  for (int i = 0;; ++i) {
    Status locked = file.lock();
    if (locked.ok() || locked.error().code != Errc::Busy || i == kLockTries) return locked;
    std::this_thread::sleep_for(kLockPause);
  }
}

}  // namespace

Result<std::unique_ptr<Source>> MboxSource::open(const std::string& path, MboxOptions options) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return errnoError("open " + path);
  std::unique_ptr<MboxSource> source(new MboxSource(std::move(options)));
  std::optional<std::string> inbox = source->options_.inbox;
  if (S_ISDIR(facts.st_mode)) {
    PH_TRY(source->root_, Directory::open(path));
  } else if (inbox) {
    return makeError(Errc::Invalid, "--inbox stands beside a folder of mboxes");
  } else {
    inbox = path;
  }
  if (inbox) {
    const auto [folder, name] = splitPath(*inbox);
    PH_TRY(source->inboxAt_, Directory::open(folder));
    source->inboxName_ = name;
    PH_TRY(const auto file, source->inboxAt_->file(name));
    if (!looksLikeMbox(file))
      return makeError(Errc::Unsupported, *inbox + " is no mbox: it has no From line");
  }
  return std::unique_ptr<Source>(std::move(source));
}

Status MboxSource::addFolders(std::vector<Folder>& folders, const Directory& parent,
                              const std::vector<std::string>& path) {
  std::vector<std::string> names;
  PH_CHECK(parent.each([&](const Directory::Entry& entry) {
    const bool lock = entry.name.size() > 5 && entry.name.substr(entry.name.size() - 5) == ".lock";
    if (entry.name[0] != '.' && !lock) names.push_back(entry.name);
  }));
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    auto below = path;
    below.push_back(name);
    if (path.size() < kDeepest) {
      const auto child = parent.directory(name);
      if (child.ok()) {
        PH_CHECK(addFolders(folders, child.value(), below));
        continue;
      }
    }
    const auto file = parent.file(name);
    if (!file.ok() && file.error().code != Errc::Denied) continue;  // links, pipes
    if (file.ok() && !looksLikeMbox(file.value())) {
      leftOut_.push_back(name);
      continue;
    }
    if (folders.size() >= kMostFolders) return makeError(Errc::Limit, "there are too many folders");
    if (path.empty() && inboxName_.empty() && ascii::equal(name, "INBOX")) {
      PH_TRY(inboxAt_, parent.again());
      inboxName_ = name;
      continue;
    }
    Folder folder;
    folder.path = below;
    std::vector<std::string> levels;
    levels.reserve(below.size());
    for (const auto& level : below) levels.push_back(decodeLevel(level, options_.names));
    folder.name = names_.give(levels, folder.note);
    folders.push_back(std::move(folder));
  }
  return {};
}

/// What lies among mboxes may be one that is damaged: nothing is passed over in silence.
void MboxSource::sayLeftOut(std::string& note) const {
  constexpr std::size_t kMostNamed = 20;
  if (!note.empty()) note += "; ";
  note += "left out, because no From line begins them:";
  for (std::size_t i = 0; i < std::min(leftOut_.size(), kMostNamed); ++i)
    note += (i == 0 ? " " : ", ") + ascii::printable(leftOut_[i], 100);
  if (leftOut_.size() > kMostNamed) note += " and " + std::to_string(leftOut_.size() - kMostNamed) + " more";
}

Result<std::vector<Folder>> MboxSource::folders() {
  std::vector<Folder> folders;
  if (root_) PH_CHECK(addFolders(folders, *root_, {}));
  if (!inboxName_.empty()) folders.insert(folders.begin(), Folder{{}, "INBOX", {}});
  if (!folders.empty() && !leftOut_.empty()) sayLeftOut(folders.front().note);
  return folders;
}

Result<SourceFile> MboxSource::enter(const Folder& folder) const {
  if (folder.path.empty()) return inboxAt_->file(inboxName_);
  PH_TRY(auto directory, root_->again());
  for (std::size_t i = 0; i + 1 < folder.path.size(); ++i) {
    PH_TRY(auto below, directory.directory(folder.path[i]));
    directory = std::move(below);
  }
  return directory.file(folder.path.back());
}

Result<Listing> MboxSource::list(const Folder& folder) {
  listed_.reset();
  PH_TRY(auto file, enter(folder));
  PH_CHECK(waitForLock(file));
  // Opened before the lock: what was written until then is not in its facts.
  PH_TRY(auto current, enter(folder));
  listed_ = std::move(current);
  Listing listing;
  MboxScan scan(*listed_, options_.quoting);
  std::vector<Message> unnumbered;
  std::map<Id128, std::uint64_t> twins;
  store::Uid lastKnown = 0;
  store::Uid last = 0;
  for (bool first = true;; first = false) {
    PH_TRY(const auto entry, scan.next());
    if (!entry) break;
    if (first && !entry->marks.base.empty()) lastKnown = takeBase(entry->marks.base, listing);
    if (first && entry->marks.internal) continue;
    Message message;
    message.begin = entry->begin;
    message.end = entry->end;
    message.date = entry->date;
    message.flags = entry->marks.flags();
    message.recent = entry->marks.recent();
    for (const View word : ascii::words(entry->marks.keywords)) message.keywords |= bitOf(listing, word);
    PH_TRY(const Id128 text,
           deliver(*listed_, options_.quoting, entry->begin, entry->end, [](View) { return Status(); }));
    message.text = text;
    Digest digest;
    digest.part("mbox");
    for (const auto& level : folder.path) digest.part(level);
    const Id128 self = digest.part(entry->from).part(text.view()).finish();
    message.id = Digest().part(self.view()).part(std::to_string(twins[self]++)).finish();
    const auto uid = entry->marks.uid;
    if (listing.uidValidity == 0 || !uid || *uid <= last || *uid > lastKnown) {
      unnumbered.push_back(std::move(message));
      continue;
    }
    message.uid = last = *uid;
    if (options_.uidls && folder.path.empty())
      message.uidl = options_.uidls->expand({*uid, listing.uidValidity, {}, {}});
    listing.messages.push_back(std::move(message));
  }
  PH_TRY(const bool unchanged, listed_->unchanged());
  if (!unchanged) return makeError(Errc::Busy, "it was written to while it was read");
  for (auto& message : unnumbered) listing.messages.push_back(std::move(message));
  return listing;
}

Status MboxSource::read(const Folder&, Message& message, const TextSink& sink) {
  PH_TRY(const Id128 text, deliver(*listed_, options_.quoting, message.begin, message.end, sink));
  if (text != message.text)
    return makeError(Errc::Conflict, "it was changed in the mbox meanwhile: run the import again");
  return {};
}

Result<std::vector<std::string>> MboxSource::subscriptions() {
  std::vector<std::string> names;
  if (!root_) return names;
  for (const char* list : {".subscriptions", ".mailboxlist"}) {
    const auto file = root_->file(list);
    if (!file.ok() && file.error().code == Errc::NotFound) continue;
    if (!file.ok()) return file.error();
    PH_TRY(const auto text, file.value().all(kLargestFile));
    for (const auto& old : parseSubscriptions(text, '/')) {
      std::string name;
      for (const View level : ascii::split(old, '/'))
        name += (name.empty() ? "" : "/") + decodeLevel(level, options_.names);
      if (store::normalName(name).ok()) names.push_back(name);
    }
  }
  return names;
}

}  // namespace posthorn::migrate
