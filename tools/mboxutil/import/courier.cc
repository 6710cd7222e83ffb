// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/courier.h"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "common/base/ascii.h"

namespace posthorn::migrate {

namespace {

constexpr std::size_t kMostNames = 10'000;

View baseOf(View name) {
  return name.substr(0, name.find(':'));
}

bool isBase(View base) {
  return !base.empty() && base.find('/') == View::npos;
}

/// Splits at the last blank: names may have blanks in them.
bool splitLast(View& text, View& last) {
  const auto blank = text.rfind(' ');
  if (blank == View::npos) return false;
  last = text.substr(blank + 1);
  text = text.substr(0, blank);
  return true;
}

std::string numbered(std::uint64_t uid, std::uint64_t validity) {
  std::string uidl = "UID" + std::to_string(uid);
  if (validity != 0) uidl += "-" + std::to_string(validity);
  return uidl;
}

/// "name size uid:uidvalidity[:utf8]".
void parseSized(View line, std::vector<CourierUidl>& list) {
  View numbers;
  View size;
  if (!splitLast(line, numbers) || !splitLast(line, size)) return;
  const auto fields = ascii::split(numbers, ':');
  const View base = baseOf(line);
  if (fields.size() < 2 || !isBase(base)) return;
  const auto uid = ascii::number(fields[0]);
  const auto validity = ascii::number(fields[1]);
  if (!uid || !validity) return;
  list.push_back({base, *uid == 0 ? courierNameUidl(base) : numbered(*uid, *validity)});
}

/// Before there were versions: "name size" (UIDLs are names) or "name size uid".
void parseOld(View line, std::vector<CourierUidl>& list) {
  const auto words = ascii::words(line, " ");
  if (words.size() < 2 || words.size() > 3) return;
  const View base = baseOf(words[0]);
  const auto uid = words.size() == 3 ? ascii::number(words[2]) : std::optional<std::uint64_t>(0);
  if (!isBase(base) || !uid) return;
  list.push_back({base, *uid == 0 ? courierNameUidl(base) : numbered(*uid, 0)});
}

}  // namespace

Result<UidList> parseCourierUids(View text) {
  UidList list;
  bool first = true;
  bool good = false;
  eachLine(text, [&](View line) {
    const auto words = ascii::split(line, ' ');
    if (first) {
      first = false;
      const auto validity = words.size() == 3 ? ascii::number(words[1]) : std::nullopt;
      const auto next = words.size() == 3 ? ascii::number(words[2]) : std::nullopt;
      constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
      good = words[0] == "1" && validity && *validity > 0 && *validity <= kMost && next && *next <= kMost;
      if (!good) return;
      list.uidValidity = static_cast<std::uint32_t>(*validity);
      list.uidNext = std::max<store::Uid>(1, static_cast<store::Uid>(*next));
      return;
    }
    const auto uid = ascii::number(words[0]);
    const View base = words.size() < 2 ? View() : baseOf(line.substr(words[0].size() + 1));
    if (good && uid && *uid > 0 && *uid < std::numeric_limits<store::Uid>::max() && isBase(base))
      list.entries.push_back({static_cast<store::Uid>(*uid), base, std::nullopt, {}});
    else if (!line.empty())
      ++list.broken;
  });
  if (!good) return makeError(Errc::Corrupt, "its first line cannot be read");
  settle(list);
  return list;
}

std::vector<CourierUidl> parseCourierUidls(View text) {
  std::vector<CourierUidl> list;
  bool first = true;
  bool sized = false;
  bool known = true;
  eachLine(text, [&](View line) {
    if (first && !line.empty() && line.front() == '/') {
      const View version = line.substr(1, line.find(' ') - 1);
      sized = version == "2" || version == "3";
      known = sized || version == "1";
    } else if (known && sized) {
      parseSized(line, list);
    } else if (known) {
      parseOld(line, list);
    }
    first = false;
  });
  return list;
}

std::string courierNameUidl(View base) {
  std::string uidl;
  for (const char c : base) {
    if (c > 0x20 && c < 0x7F && c != '\'' && c != '"' && c != '+') {
      uidl.push_back(c);
      continue;
    }
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "+%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    uidl += escaped;
  }
  return uidl;
}

CourierKeywords parseCourierKeywords(View text) {
  CourierKeywords keywords;
  bool names = true;
  eachLine(text, [&](View line) {
    if (names) {
      names = !line.empty() && keywords.names.size() < kMostNames;
      if (names) keywords.names.emplace_back(line);
      return;
    }
    const auto colon = line.rfind(':');
    if (colon == View::npos || !isBase(line.substr(0, colon))) return;
    std::vector<std::size_t> indexes;
    for (const View word : ascii::words(line.substr(colon + 1))) {
      const auto index = ascii::number(word);
      if (index && *index < keywords.names.size()) indexes.push_back(static_cast<std::size_t>(*index));
    }
    keywords.files.emplace_back(line.substr(0, colon), std::move(indexes));
  });
  return keywords;
}

std::vector<std::string> parseCourierSubscribed(View text) {
  std::vector<std::string> names;
  eachLine(text, [&](View line) {
    if (ascii::equal(line, "INBOX")) {
      names.emplace_back("INBOX");
      return;
    }
    if (!ascii::startsWith(line, "INBOX.") || line.size() == 6 || line.find('/') != View::npos) return;
    std::string name(line.substr(6));
    std::replace(name.begin(), name.end(), '.', '/');
    names.push_back(std::move(name));
  });
  return names;
}

}  // namespace posthorn::migrate
