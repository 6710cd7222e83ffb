// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/maildir_marks.h"

#include <algorithm>
#include <optional>

#include "common/base/ascii.h"
#include "common/store/records.h"
#include "common/store/schema.h"

namespace posthorn::migrate {

namespace {

constexpr std::uint64_t kLargestFile = std::uint64_t{1} << 30;
constexpr std::uint64_t kLargestUpdate = std::uint64_t{64} * 1024;

void note(Listing& listing, const std::string& text) {
  if (std::find(listing.notes.begin(), listing.notes.end(), text) == listing.notes.end())
    listing.notes.push_back(text);
}

/// The file's text; nothing where there is none. A file that cannot be read is an error: what it says is not
/// lost silently.
Result<std::optional<std::string>> textOf(const Directory& directory, const std::string& name) {
  const auto file = directory.file(name);
  if (!file.ok() && file.error().code == Errc::NotFound) return std::optional<std::string>();
  if (!file.ok()) return file.error();
  PH_TRY(auto text, file.value().all(kLargestFile));
  return std::optional<std::string>(std::move(text));
}

/// The bit of a keyword in the listing; 0 for one that cannot be kept.
std::uint64_t bitOf(Listing& listing, const std::string& name) {
  auto& names = listing.keywords;
  const auto known =
      std::find_if(names.begin(), names.end(), [&](const auto& one) { return ascii::equal(one, name); });
  const auto at = static_cast<std::size_t>(known - names.begin());
  if (known != names.end()) return std::uint64_t{1} << at;
  if (!store::isKeyword(name)) {
    note(listing,
         "the keyword " + ascii::printable(name, 40) + " is none that IMAP can have and was left out");
    return 0;
  }
  if (at >= store::kMaxKeywords) {
    note(listing, "there are more than 64 keywords; those beyond were left out");
    return 0;
  }
  names.push_back(name);
  return std::uint64_t{1} << at;
}

}  // namespace

Result<FolderMarks> FolderMarks::read(const Directory& directory, Listing& listing, bool inbox) {
  FolderMarks marks;
  if (directory.has("dovecot-uidlist"))
    PH_CHECK(marks.readDovecot(directory, listing));
  else
    PH_CHECK(marks.readCourier(directory, listing, inbox));
  listing.uidValidity = marks.uids_.uidValidity;
  listing.uidNext = marks.uids_.uidNext;
  if (marks.uids_.broken > 0)
    note(listing, std::to_string(marks.uids_.broken) + " lines of its list of UIDs were left out");
  return marks;
}

Status FolderMarks::readDovecot(const Directory& directory, Listing& listing) {
  dovecot_ = true;
  PH_TRY(auto text, textOf(directory, "dovecot-uidlist"));
  texts_.push_back(std::make_unique<const std::string>(text ? std::move(*text) : std::string()));
  auto list = parseUidList(*texts_.back());
  if (!list.ok()) note(listing, "dovecot-uidlist is not used: " + list.error().text);
  if (list.ok()) uids_ = std::move(list).value();
  for (const UidEntry& entry : uids_.entries)
    if (entry.uidl)
      uidls_[std::string(entry.base)] = std::string(entry.uidl->empty() ? entry.base : *entry.uidl);
  PH_TRY(const auto keywords, textOf(directory, "dovecot-keywords"));
  if (!keywords) return {};
  const KeywordList names = parseKeywordList(*keywords);
  for (std::size_t i = 0; i < names.names.size(); ++i)
    if (!names.names[i].empty()) letterBits_[i] = bitOf(listing, names.names[i]);
  if (names.beyond)
    note(listing, "keywords beyond the 26th stand in Dovecot's index alone and are not imported");
  return {};
}

Status FolderMarks::readCourier(const Directory& directory, Listing& listing, bool inbox) {
  PH_TRY(auto text, textOf(directory, "courierimapuiddb"));
  if (text) {
    texts_.push_back(std::make_unique<const std::string>(std::move(*text)));
    auto list = parseCourierUids(*texts_.back());
    if (!list.ok()) note(listing, "courierimapuiddb is not used: " + list.error().text);
    if (list.ok()) uids_ = std::move(list).value();
  }
  if (inbox) {
    PH_TRY(const auto sizes, textOf(directory, "courierpop3dsizelist"));
    if (sizes)
      for (auto& entry : parseCourierUidls(*sizes)) uidls_[std::string(entry.base)] = std::move(entry.uidl);
  }
  const auto keywords = directory.directory("courierimapkeywords");
  if (!keywords.ok() && keywords.error().code == Errc::NotFound) return {};
  if (!keywords.ok()) return keywords.error();
  PH_CHECK(readCourierKeywords(keywords.value(), listing));
  return readCourierUpdates(keywords.value(), listing);
}

Status FolderMarks::readCourierKeywords(const Directory& directory, Listing& listing) {
  PH_TRY(const auto text, textOf(directory, ":list"));
  if (!text) return {};
  const CourierKeywords list = parseCourierKeywords(*text);
  std::vector<std::uint64_t> bits;
  for (const auto& name : list.names) bits.push_back(bitOf(listing, name));
  for (const auto& [base, indexes] : list.files)
    for (const std::size_t index : indexes) keywords_[std::string(base)] |= bits[index];
  return {};
}

/// Each change of one message's keywords is a file of its own, named like the message, until Courier puts it
/// into the list; then it becomes ".N.name", N growing, for readers that still have the old list.
Status FolderMarks::readCourierUpdates(const Directory& directory, Listing& listing) {
  struct Update {
    std::uint64_t order = 0;
    std::string file;
  };
  std::unordered_map<std::string, Update> updates;
  PH_CHECK(directory.each([&](const Directory::Entry& entry) {
    std::string base = entry.name;
    std::uint64_t order = UINT64_MAX;
    if (entry.name[0] == '.') {
      const auto dot = entry.name.find('.', 1);
      const auto number = ascii::number(View(entry.name).substr(1, dot == std::string::npos ? 0 : dot - 1));
      if (!number) return;
      base = entry.name.substr(dot + 1);
      order = *number;
    }
    if (base.empty() || base[0] == ':') return;
    auto& update = updates[base];
    if (update.file.empty() || order > update.order) update = {order, entry.name};
  }));
  for (const auto& [base, update] : updates) {
    if (update.order != UINT64_MAX && keywords_.find(base) != keywords_.end()) continue;
    const auto file = directory.file(update.file);
    if (!file.ok() && file.error().code == Errc::NotFound) continue;
    if (!file.ok()) return file.error();
    PH_TRY(const auto text, file.value().all(kLargestUpdate));
    std::uint64_t bits = 0;
    eachLine(text, [&](View line) {
      if (!line.empty()) bits |= bitOf(listing, std::string(line));
    });
    keywords_[base] = bits;
  }
  return {};
}

std::uint64_t FolderMarks::keywordsOf(const std::string& base, std::uint32_t letters) const {
  const auto known = keywords_.find(base);
  std::uint64_t bits = known == keywords_.end() ? 0 : known->second;
  for (unsigned i = 0; i < 26; ++i)
    if ((letters >> i & 1) != 0) bits |= letterBits_[i];
  return bits;
}

std::string FolderMarks::uidlOf(const std::string& base) const {
  const auto known = uidls_.find(base);
  return known == uidls_.end() ? std::string() : known->second;
}

}  // namespace posthorn::migrate
