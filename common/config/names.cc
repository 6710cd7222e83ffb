// SPDX-License-Identifier: Apache-2.0
#include "common/config/names.h"

#include <algorithm>
#include <vector>

#include "common/base/ascii.h"

namespace posthorn::config {

namespace {

/// What * stands for when `pattern` ("tls:*.cert") is `name`; empty when it is not.
std::string_view starIn(std::string_view pattern, std::string_view name) {
  const std::size_t star = positionOf(pattern, '*');
  if (star == pattern.size()) return {};
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(star + 1);
  if (name.size() <= head.size() + tail.size()) return {};
  if (name.substr(0, head.size()) != head || name.substr(name.size() - tail.size()) != tail) return {};
  return name.substr(head.size(), name.size() - head.size() - tail.size());
}

bool isGroupName(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name.front() != '.' && name.back() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '_' || c == '.';
         });
}

/// "partition.primary.path", as a nested file spells it, with the colon that the row has.
std::string withColon(const Option& row, std::string_view name) {
  std::string copy(name);
  const std::size_t colon = row.groupKind().size();
  if (copy.size() > colon && copy[colon] == '.' && copy.compare(0, colon, row.groupKind()) == 0)
    copy[colon] = ':';
  return copy;
}

/// Whether `name` is "local.store.notifyplugin.enshost" for "local.store.notifyplugin.*.enshost".
bool isUnnamed(const Option& row, std::string_view name) {
  const std::size_t star = positionOf(row.legacy, '*');
  return !row.unnamed.empty() && star + 2 < row.legacy.size() &&
         name.substr(0, star) == row.legacy.substr(0, star) &&
         name.substr(std::min(star, name.size())) == row.legacy.substr(star + 2);
}

std::optional<Named> resolveGroup(std::string_view name) {
  std::optional<Named> best;
  std::size_t bestTail = 0;
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    const Option& option = kOptions[row];
    if (!option.grouped()) continue;
    if (isUnnamed(option, name)) return Named{row, std::string(option.unnamed), true};
    const std::string colon = withColon(option, name);
    const bool isNew = isGroupName(starIn(option.name, colon));
    const std::string_view member = isNew ? starIn(option.name, colon) : starIn(option.legacy, name);
    // Of "x.noneinbox.enable" and "x.enable" the longer tail is meant.
    const std::string_view pattern = isNew ? option.name : option.legacy;
    const std::size_t tail = pattern.size() - positionOf(pattern, '*');
    if (!isGroupName(member) || tail < bestTail) continue;
    best = Named{row, std::string(member), !isNew};
    bestTail = tail;
  }
  return best;
}

/// Levenshtein with swapped neighbours counted once; bounded by the length of names.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = d[i - 1][j - 1] + (ascii::lower(a[i - 1]) == ascii::lower(b[j - 1]) ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

/// A row's name with the group name of `name` put in, so that a wrong last word is near to the right one.
std::string candidate(std::string_view pattern, std::string_view name) {
  const std::size_t star = positionOf(pattern, '*');
  if (star == pattern.size()) return std::string(pattern);
  if (name.size() <= star) return std::string(pattern);
  const std::size_t end = std::min(name.rfind('.'), name.size());
  if (end <= star) return std::string(pattern);
  return std::string(pattern.substr(0, star)) + std::string(name.substr(star, end - star)) +
         std::string(pattern.substr(star + 1));
}

}  // namespace

std::string Named::canonical() const {
  const std::string_view name = kOptions[row].name;
  if (!kOptions[row].grouped()) return std::string(name);
  return std::string(kOptions[row].groupKind()) + ":" + group + std::string(kOptions[row].groupSuffix());
}

std::optional<Named> resolve(std::string_view name) {
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    if (kOptions[row].grouped()) continue;
    if (kOptions[row].name == name) return Named{row, "", false};
    if (!name.empty() && kOptions[row].legacy == name) return Named{row, "", true};
  }
  return resolveGroup(name);
}

std::string nearestName(std::string_view name) {
  if (name.size() > 100) return {};
  std::string best;
  std::size_t least = std::max<std::size_t>(2, name.size() / 4) + 1;
  const auto consider = [&](std::string_view pattern, std::string_view shown) {
    const std::string known = candidate(pattern, name);
    const std::size_t far = distance(name, known);
    if (far >= least) return;
    least = far;
    best = shown.empty() ? known : std::string(shown);
  };
  for (const Option& row : kOptions) consider(row.name, {});
  for (const Option& row : kOptions) {
    if (!row.legacy.empty()) consider(row.legacy, {});
  }
  if (!best.empty()) return best;
  // "port" alone, or "imapd.port": the same last word.
  const std::string_view last =
      name.substr(name.rfind('.') == std::string_view::npos ? 0 : name.rfind('.') + 1);
  for (const Option& row : kOptions) {
    const std::size_t dot = row.name.rfind('.');
    if (last.size() > 3 && !row.grouped() && row.name.substr(dot + 1) == last) return std::string(row.name);
  }
  return {};
}

bool isSection(std::string_view prefix) {
  const auto begins = [&](std::string_view name) {
    return name.size() > prefix.size() && name.substr(0, prefix.size()) == prefix &&
           (name[prefix.size()] == '.' || name[prefix.size()] == ':');
  };
  for (const Option& row : kOptions) {
    if (begins(row.name) || begins(row.legacy)) return true;
    // "tls:main" or "tls.main": a group without options.
    if (row.grouped() && prefix.size() > row.groupKind().size() + 1 &&
        prefix.substr(0, row.groupKind().size()) == row.groupKind() &&
        (prefix[row.groupKind().size()] == ':' || prefix[row.groupKind().size()] == '.')) {
      return true;
    }
  }
  return false;
}

bool matchesPattern(std::string_view name, std::string_view pattern) {
  if (pattern.find('*') == std::string_view::npos) {
    if (name == pattern) return true;
    return name.size() > pattern.size() && name.substr(0, pattern.size()) == pattern &&
           (name[pattern.size()] == '.' || name[pattern.size()] == ':');
  }
  // Greedy with one way back: enough for * alone, and linear in practice.
  std::size_t n = 0;
  std::size_t p = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace posthorn::config
