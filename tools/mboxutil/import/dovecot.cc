// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/dovecot.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "common/base/ascii.h"

namespace posthorn::migrate {

namespace {

constexpr std::size_t kLetters = 26;

std::optional<std::uint32_t> number32(View text) {
  const auto value = ascii::number(text);
  if (!value || *value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

View takeWord(View& rest) {
  const auto end = rest.find(' ');
  const View word = rest.substr(0, end);
  rest.remove_prefix(end == View::npos ? rest.size() : end + 1);
  return word;
}

/// "3 V1275660208 N25022 G3085f0..." or "1 1275660208 25022".
Status parseHeader(View line, UidList& list, int& version) {
  const View first = takeWord(line);
  std::optional<std::uint32_t> validity;
  std::optional<std::uint32_t> next;
  if (first == "1") {
    version = 1;
    validity = number32(takeWord(line));
    next = number32(takeWord(line));
  } else if (first == "3") {
    version = 3;
    while (!line.empty()) {
      const View word = takeWord(line);
      if (word.empty()) continue;
      if (word.front() == 'V') validity = number32(word.substr(1));
      if (word.front() == 'N') next = number32(word.substr(1));
    }
  }
  if (!validity || *validity == 0 || !next) return makeError(Errc::Corrupt, "its first line cannot be read");
  list.uidValidity = *validity;
  list.uidNext = std::max<store::Uid>(*next, 1);
  return {};
}

/// "25006 P0001 G3085 :1276528487.M364837P9451.host,S=1355:2," or "25006 1276528487.M364837P9451.host".
std::optional<UidEntry> parseEntry(View line, int version) {
  UidEntry entry;
  const auto uid = number32(takeWord(line));
  if (!uid || *uid == 0 || *uid == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  entry.uid = *uid;
  while (version == 3 && !line.empty() && line.front() != ':') {
    const View word = takeWord(line);
    if (word.empty()) continue;
    if (word.front() == 'P') entry.uidl = word.substr(1);
    if (word.front() == 'G') entry.guid = word.substr(1);
  }
  if (version == 3) {
    if (line.empty()) return std::nullopt;
    line.remove_prefix(1);
  }
  entry.base = line.substr(0, line.find(':'));
  if (entry.base.empty() || entry.base.find('/') != View::npos) return std::nullopt;
  return entry;
}

}  // namespace

void settle(UidList& list) {
  const auto byUid = [](const UidEntry& a, const UidEntry& b) { return a.uid < b.uid; };
  std::stable_sort(list.entries.begin(), list.entries.end(), byUid);
  std::unordered_map<View, store::Uid> latest;
  latest.reserve(list.entries.size());
  for (const UidEntry& entry : list.entries) latest[entry.base] = entry.uid;
  store::Uid last = 0;
  const auto dropped = [&](const UidEntry& entry) {
    if (entry.uid == last || latest[entry.base] != entry.uid) return true;
    last = entry.uid;
    return false;
  };
  std::vector<UidEntry> kept;
  kept.reserve(list.entries.size());
  for (const UidEntry& entry : list.entries)
    if (!dropped(entry)) kept.push_back(entry);
  list.broken += list.entries.size() - kept.size();
  list.entries = std::move(kept);
  if (!list.entries.empty()) list.uidNext = std::max(list.uidNext, list.entries.back().uid + 1);
}

Result<UidList> parseUidList(View text) {
  UidList list;
  int version = 0;
  Status broken;
  eachLine(text, [&](View line) {
    if (version == 0 && broken.ok()) {
      broken = parseHeader(line, list, version);
      return;
    }
    if (!broken.ok() || line.empty()) return;
    if (const auto entry = parseEntry(line, version))
      list.entries.push_back(*entry);
    else
      ++list.broken;
  });
  PH_CHECK(broken);
  if (version == 0) return makeError(Errc::Corrupt, "it is empty");
  settle(list);
  return list;
}

KeywordList parseKeywordList(View text) {
  KeywordList list;
  eachLine(text, [&](View line) {
    const auto letter = ascii::number(takeWord(line));
    if (!letter || line.empty()) return;
    if (*letter >= kLetters) {
      list.beyond = true;
      return;
    }
    const auto at = static_cast<std::size_t>(*letter);
    if (list.names.size() <= at) list.names.resize(at + 1);
    list.names[at] = std::string(line);
  });
  return list;
}

std::vector<std::string> parseSubscriptions(View text, char separator) {
  std::vector<std::string> names;
  bool first = true;
  eachLine(text, [&](View line) {
    if (first && line == "V\t2")
      separator = '\t';
    else if (!line.empty()) {
      std::string name(line);
      if (name.find('/') == std::string::npos || separator == '/') {
        std::replace(name.begin(), name.end(), separator, '/');
        names.push_back(std::move(name));
      }
    }
    first = false;
  });
  return names;
}

}  // namespace posthorn::migrate
