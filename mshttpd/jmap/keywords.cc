// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/keywords.h"

#include <algorithm>
#include <set>
#include <utility>

#include "common/base/ascii.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::size_t kMaxKeyword = 255;

constexpr std::pair<std::string_view, std::string_view> kSystem[] = {
    {"\\Seen", "$seen"}, {"\\Flagged", "$flagged"}, {"\\Answered", "$answered"}, {"\\Draft", "$draft"}};

bool fits(char c) {
  return c > 0x20 && c < 0x7F && std::string_view("(){]%*\"\\").find(c) == std::string_view::npos;
}

}  // namespace

std::optional<std::string> keywordOf(std::string_view flag) {
  for (const auto& [system, keyword] : kSystem) {
    if (ascii::equal(flag, system)) return std::string(keyword);
  }
  if (flag.empty() || flag.front() == '\\') return std::nullopt;
  return ascii::toLower(flag);
}

std::optional<std::string> flagOf(std::string_view keyword) {
  for (const auto& [system, name] : kSystem) {
    if (ascii::equal(keyword, name)) return std::string(system);
  }
  if (keyword.empty() || keyword.size() > kMaxKeyword || !std::all_of(keyword.begin(), keyword.end(), fits))
    return std::nullopt;
  return ascii::toLower(keyword);
}

Json keywordsObject(const std::vector<std::string>& flags) {
  std::set<std::string> keywords;
  for (const std::string& flag : flags) {
    if (auto keyword = keywordOf(flag)) keywords.insert(std::move(*keyword));
  }
  Json out = Json::object();
  for (const std::string& keyword : keywords) out[keyword] = true;
  return out;
}

}  // namespace posthorn::mshttpd::jmap
