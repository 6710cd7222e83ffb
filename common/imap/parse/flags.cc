// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/base/ascii.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap {
namespace {

Status parseSystemFlag(Scanner& in, Flags& flags) {
  PH_TRY(const View word, in.atom());
  const std::string name = "\\" + std::string(word);
  if (const auto bit = systemFlag(name)) {
    flags.system |= *bit;
    return okStatus();
  }
  if (ascii::equal(name, "\\Recent")) return okStatus();
  return Scanner::invalid("Unknown system flag");
}

}  // namespace

Status parseFlag(Scanner& in, Flags& flags) {
  if (in.take('\\')) return parseSystemFlag(in, flags);
  PH_TRY(const View keyword, in.atom());
  if (keyword.size() > kMaxKeyword) return Scanner::tooMuch("Keyword too long");
  const auto same = [&](const std::string& other) { return ascii::equal(other, keyword); };
  if (std::any_of(flags.keywords.begin(), flags.keywords.end(), same)) return okStatus();
  if (flags.keywords.size() == kMaxKeywords) return Scanner::tooMuch("Too many keywords");
  flags.keywords.emplace_back(keyword);
  return okStatus();
}

Result<Flags> parseFlagList(Scanner& in) {
  PH_CHECK(in.expect('('));
  Flags flags;
  if (in.take(')')) return flags;
  do {
    PH_CHECK(parseFlag(in, flags));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return flags;
}

}  // namespace posthorn::imap
