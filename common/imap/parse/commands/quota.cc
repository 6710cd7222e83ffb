// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "common/base/ascii.h"
#include "common/imap/parse/commands/commands.h"

namespace posthorn::imap::commands {

Result<Args> getQuota(Scanner& in, UidForm /*uid*/) {
  QuotaArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.root, in.astring());
  return Args(std::move(args));
}

Result<Args> setQuota(Scanner& in, UidForm /*uid*/) {
  constexpr std::size_t kMaxResources = 32;
  SetQuotaArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.root, in.astring());
  PH_CHECK(in.space());
  PH_CHECK(in.expect('('));
  if (in.take(')')) return Args(std::move(args));
  do {
    if (args.limits.size() == kMaxResources) return Scanner::tooMuch("Too many resources");
    PH_TRY(const View name, in.atom());
    PH_CHECK(in.space());
    PH_TRY(const std::uint64_t limit, in.number64());
    args.limits.emplace_back(ascii::toUpper(name), limit);
  } while (in.take(' '));
  PH_CHECK(in.expect(')'));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands
