// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/escape.h"

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "common/base/ids.h"

namespace posthorn::store::embedded {

static constexpr std::size_t kPart = 200;
static constexpr View kMore = "=+";

static bool isPlain(char c, bool first) {
  if (c == '.') return !first;
  return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '_' || c == '@' || c == '+';
}

static std::string escapeName(View account) {
  std::string out;
  std::size_t part = 0;
  for (std::size_t i = 0; i < account.size(); ++i) {
    const char c = account[i];
    if (part >= kPart) {
      out.append(kMore).push_back('/');
      part = 0;
    }
    const std::size_t before = out.size();
    if (isPlain(c, part == 0))
      out.push_back(c);
    else
      out += fmt::format("={:02X}", static_cast<unsigned char>(c));
    part += out.size() - before;
  }
  return out;
}

std::string accountPath(View account) {
  const std::uint64_t hash = stableHash(account);
  return fmt::format("{:02x}/{:02x}/{}", hash >> 56, (hash >> 48) & 0xFF, escapeName(account));
}

static int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> accountOfName(View name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name.substr(i, 3) == "=+/") {
      i += 2;
      continue;
    }
    if (name[i] != '=') {
      out.push_back(name[i]);
      continue;
    }
    if (i + 2 >= name.size() || hexDigit(name[i + 1]) < 0 || hexDigit(name[i + 2]) < 0) return {};
    out.push_back(static_cast<char>(hexDigit(name[i + 1]) * 16 + hexDigit(name[i + 2])));
    i += 2;
  }
  if (out.empty() || escapeName(out) != name) return {};
  return out;
}

bool isNamePart(View entry) {
  return entry.size() > kMore.size() && entry.substr(entry.size() - kMore.size()) == kMore;
}

}  // namespace posthorn::store::embedded
