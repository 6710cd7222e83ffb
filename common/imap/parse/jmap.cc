// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/jmap.h"

#include "common/imap/parse/values.h"

namespace posthorn::imap {

Result<jmap::Id> parseId(Scanner& in) {
  PH_TRY(std::string id, in.astring());
  if (!jmap::isId(id)) return Scanner::invalid("Not an id");
  return id;
}

Result<std::vector<jmap::Id>> parseIds(Scanner& in, std::size_t most) {
  std::vector<jmap::Id> ids;
  PH_CHECK(in.expect('('));
  if (in.take(')')) return ids;
  do {
    if (ids.size() == most) return Scanner::tooMuch("Too many ids");
    PH_TRY(jmap::Id id, parseId(in));
    ids.push_back(std::move(id));
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return ids;
}

Result<std::int64_t> parseSigned(Scanner& in) {
  const bool negative = in.take('-');
  PH_TRY(const std::uint64_t number, in.number64());
  const auto value = static_cast<std::int64_t>(number);
  return negative ? -value : value;
}

Result<std::string> parseFlagName(Scanner& in) {
  if (in.peek() != '\\') {
    PH_TRY(const View keyword, in.atom());
    if (keyword.size() > kMaxKeyword) return Scanner::tooMuch("Keyword too long");
    return std::string(keyword);
  }
  in.take('\\');
  PH_TRY(const View word, in.atom());
  const std::string name = "\\" + std::string(word);
  const auto flag = systemFlag(name);
  // \Deleted is a mark of one mailbox's copy, and what it announces is DESTROY or another mailbox here.
  if (!flag || *flag == kDeleted) return Scanner::invalid("Unknown system flag");
  return name;
}

}  // namespace posthorn::imap
