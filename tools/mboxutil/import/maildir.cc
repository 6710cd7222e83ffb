// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/maildir.h"

#include <algorithm>

#include <dirent.h>

#include "common/base/ascii.h"
#include "common/store/records.h"
#include "tools/mboxutil/import/dovecot.h"
#include "tools/mboxutil/import/file_name.h"
#include "tools/mboxutil/import/maildir_marks.h"

namespace posthorn::migrate {

namespace {

constexpr std::size_t kDeepest = 32;
// A scan may miss a file that is renamed meanwhile; so many in a row do not.
constexpr unsigned kGoneAfter = 5;
constexpr int kMostLooks = 50;
constexpr std::size_t kMostFolders = 20'000;
constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30;

bool mayBeDirectory(const Directory::Entry& entry) {
  return entry.type == DT_DIR || entry.type == DT_UNKNOWN || entry.type == DT_LNK;
}

std::vector<std::string> sortedNames(const Directory& directory, bool hidden, Status& status) {
  std::vector<std::string> names;
  status = directory.each([&](const Directory::Entry& entry) {
    if (mayBeDirectory(entry) && (entry.name[0] == '.') == hidden && entry.name.substr(0, 2) != "..")
      names.push_back(entry.name);
  });
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

MaildirSource::MaildirSource(Directory root, MaildirOptions options)
    : root_(std::move(root)), options_(std::move(options)) {}

Result<std::unique_ptr<Source>> MaildirSource::open(const std::string& path, MaildirOptions options) {
  PH_TRY(auto root, Directory::open(path));
  if (!root.has("cur") && !root.has("new"))
    return makeError(Errc::Unsupported, path + " is no Maildir: it has neither cur/ nor new/");
  return std::unique_ptr<Source>(new MaildirSource(std::move(root), std::move(options)));
}

void MaildirSource::addFolder(std::vector<Folder>& folders, const std::vector<std::string>& path, View levels,
                              char separator) {
  Folder folder;
  folder.path = path;
  std::vector<std::string> decoded;
  std::string old;
  for (const View level : ascii::split(levels, separator)) {
    decoded.push_back(decodeLevel(level, options_.names));
    old += (old.empty() ? "" : "/") + std::string(level);
  }
  folder.name = names_.give(decoded, folder.note);
  byOldName_[old] = folder.name;
  folders.push_back(std::move(folder));
}

/// Directories with a cur/ of their own, at every depth.
Status MaildirSource::addNested(std::vector<Folder>& folders, const Directory& parent,
                                const std::vector<std::string>& path) {
  Status status;
  const auto names = sortedNames(parent, false, status);
  PH_CHECK(status);
  for (const auto& name : names) {
    if (name == "cur" || name == "new" || name == "tmp") continue;
    if (folders.size() >= kMostFolders) return makeError(Errc::Limit, "there are too many folders");
    const auto child = parent.directory(name);
    // Links and files are no folders here; one that cannot be entered is listed, so that list() says why.
    const bool closed = !child.ok() && child.error().code == Errc::Denied;
    if (!child.ok() && !closed) continue;
    if (path.size() >= kDeepest) return makeError(Errc::Limit, "there are folders in too many levels");
    auto below = path;
    below.push_back(name);
    std::string levels;
    for (const auto& level : below) levels += (levels.empty() ? "" : "/") + level;
    if (closed || child.value().has("cur")) addFolder(folders, below, levels, '/');
    if (closed) continue;
    PH_CHECK(addNested(folders, child.value(), below));
  }
  return {};
}

Result<std::vector<Folder>> MaildirSource::folders() {
  std::vector<Folder> folders;
  folders.push_back({{}, "INBOX", {}});
  byOldName_["INBOX"] = "INBOX";
  Status status;
  const auto names = sortedNames(root_, true, status);
  PH_CHECK(status);
  for (const auto& name : names) {
    if (folders.size() >= kMostFolders) return makeError(Errc::Limit, "there are too many folders");
    const auto child = root_.directory(name);
    const bool closed = !child.ok() && child.error().code != Errc::NotFound;
    // One that cannot be entered is listed, so that list() says why.
    if (closed || (child.ok() && (child.value().has("cur") || child.value().has("new"))))
      addFolder(folders, {name}, View(name).substr(1), '.');
  }
  PH_CHECK(addNested(folders, root_, {}));
  return folders;
}

Result<Directory> MaildirSource::enter(const Folder& folder) const {
  PH_TRY(auto directory, root_.again());
  for (const auto& level : folder.path) {
    PH_TRY(auto below, directory.directory(level));
    directory = std::move(below);
  }
  return directory;
}

Status MaildirSource::scan(std::vector<std::string>* notes) {
  std::size_t others = 0;
  ++looks_;
  // new/ first: what moves meanwhile is then seen in cur/.
  for (const char* part : {"new", "cur"}) {
    const auto inside = listed_->directory(part);
    if (!inside.ok() && inside.error().code == Errc::NotFound) continue;
    if (!inside.ok()) return inside.error();
    PH_CHECK(inside.value().each([&](const Directory::Entry& entry) {
      if (entry.name[0] == '.') return;
      if (entry.type != DT_REG && entry.type != DT_UNKNOWN) {
        ++others;
        return;
      }
      places_[std::string(parseFileName(entry.name).base)] = Place{entry.name, part[0] == 'n', looks_};
    }));
  }
  if (notes != nullptr && others > 0)
    notes->push_back(std::to_string(others) +
                     " links, pipes or directories among the messages were left out");
  return {};
}

Message MaildirSource::begin(const Folder& folder, const std::string& base, const FolderMarks& marks) const {
  const Place& place = places_.at(base);
  const FileName name = parseFileName(place.name);
  Message message;
  message.file = base;
  message.flags = name.flags;
  message.recent = place.fresh;
  message.octets = name.octets;
  message.keywords = marks.keywordsOf(base, name.letters);
  Digest digest;
  digest.part("maildir");
  for (const auto& level : folder.path) digest.part(level);
  message.id = digest.part(base).finish();
  message.uidl = marks.uidlOf(base);
  return message;
}

Result<Listing> MaildirSource::list(const Folder& folder) {
  places_.clear();
  PH_TRY(auto directory, enter(folder));
  listed_ = std::make_unique<Directory>(std::move(directory));
  Listing listing;
  PH_CHECK(scan(nullptr));
  PH_TRY(const FolderMarks marks, FolderMarks::read(*listed_, listing, folder.path.empty()));
  // Once more: what came between the two looks may be in the list that was just read.
  PH_CHECK(scan(&listing.notes));
  std::unordered_map<View, bool> listedBases;
  for (const UidEntry& entry : marks.uids().entries) {
    const std::string base(entry.base);
    if (places_.find(base) == places_.end()) continue;  // expunged
    listedBases.emplace(entry.base, true);
    Message message = begin(folder, base, marks);
    message.uid = entry.uid;
    if (message.uidl.empty() && options_.computeUidls && folder.path.empty() && marks.dovecot())
      message.uidl = options_.uidls.expand({entry.uid, listing.uidValidity, entry.base, entry.guid});
    listing.messages.push_back(std::move(message));
  }
  std::vector<std::string> others;
  for (const auto& [base, place] : places_)
    if (listedBases.find(base) == listedBases.end()) others.push_back(base);
  std::sort(others.begin(), others.end(), cameBefore);
  for (const auto& base : others) listing.messages.push_back(begin(folder, base, marks));
  return listing;
}

Result<SourceFile> MaildirSource::find(Message& message) {
  const auto found = places_.find(message.file);
  if (found == places_.end()) return makeError(Errc::Internal, "not a message of this listing");
  const Place& known = found->second;  // stays where it is when others come
  unsigned missed = 0;
  for (int look = 0; look < kMostLooks && missed < kGoneAfter; ++look) {
    const Place place = known;
    const auto part = listed_->directory(place.fresh ? "new" : "cur");
    if (!part.ok()) return part.error();
    auto file = part.value().file(place.name);
    if (file.ok() || file.error().code != Errc::NotFound) {
      message.flags = parseFileName(place.name).flags;
      message.recent = place.fresh;
      return file;
    }
    // Renamed by its server, or gone.
    PH_CHECK(scan(nullptr));
    missed = known.look == looks_ ? 0 : missed + 1;
  }
  return makeError(Errc::NotFound, "the message is gone");
}

Status MaildirSource::read(const Folder&, Message& message, const TextSink& sink) {
  PH_TRY(const auto file, find(message));
  message.date = file.changed();
  std::uint64_t octets = 0;
  PH_CHECK(file.each(0, file.size(), [&](View part) -> Status {
    octets += part.size();
    return sink(part);
  }));
  if (octets < file.size())
    return makeError(Errc::Conflict, "it was cut short meanwhile: run the import again");
  return {};
}

Result<std::vector<std::string>> MaildirSource::subscriptions() {
  std::vector<std::string> old;
  const auto dovecot = root_.file("subscriptions");
  const auto courier = root_.file("courierimapsubscribed");
  if (dovecot.ok()) {
    PH_TRY(const auto text, dovecot.value().all(kLargestFile));
    old = parseSubscriptions(text, '.');
  } else if (courier.ok()) {
    PH_TRY(const auto text, courier.value().all(kLargestFile));
    old = parseCourierSubscribed(text);
  }
  std::vector<std::string> names;
  for (const auto& name : old) {
    const auto known = byOldName_.find(name);
    if (known != byOldName_.end()) {
      names.push_back(known->second);
      continue;
    }
    std::vector<std::string> levels;
    for (const View level : ascii::split(name, '/')) levels.push_back(decodeLevel(level, options_.names));
    std::string note;
    names.push_back(names_.give(levels, note));
    byOldName_[name] = names.back();
  }
  return names;
}

}  // namespace posthorn::migrate
