// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/name.h"

#include <vector>

#include "common/base/ascii.h"
#include "common/store/names.h"

namespace posthorn::mboxutil {

static constexpr std::string_view kPrefix = "user/";

Result<InternalName> parseName(std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    return makeError(Errc::Invalid, ascii::printable(text) + ": " + why +
                                        "; names are user/<id>/<mailbox>, for example user/anna/INBOX");
  };
  if (text.substr(0, kPrefix.size()) != kPrefix) return refuse("does not begin with user/");
  const std::string_view rest = text.substr(kPrefix.size());
  const auto slash = rest.find('/');
  InternalName name;
  name.user = std::string(rest.substr(0, slash));
  if (name.user.empty()) return refuse("names no user");
  if (slash == std::string_view::npos) return name;
  const auto mailbox = store::normalName(rest.substr(slash + 1));
  if (!mailbox.ok())
    return refuse(mailbox.error().client.empty() ? "names no mailbox" : mailbox.error().client);
  name.mailbox = mailbox.value();
  return name;
}

std::string spellName(std::string_view user, std::string_view mailbox) {
  return std::string(kPrefix) + std::string(user) + "/" + std::string(mailbox);
}

bool matches(std::string_view pattern, std::string_view name) {
  // Rows of the usual table: reach[i] says whether the pattern so far fits the first i characters.
  std::vector<char> reach(name.size() + 1, 0);
  reach[0] = 1;
  for (const char want : pattern) {
    std::vector<char> next(name.size() + 1, 0);
    const bool wild = want == '*' || want == '%';
    if (wild) next[0] = reach[0];
    for (std::size_t i = 1; i <= name.size(); ++i) {
      const char have = name[i - 1];
      if (wild)
        next[i] = static_cast<char>(reach[i] != 0 || (next[i - 1] != 0 && (want == '*' || have != '/')));
      else
        next[i] = static_cast<char>(reach[i - 1] != 0 && want == have);
    }
    reach = std::move(next);
  }
  return reach[name.size()] != 0;
}

}  // namespace posthorn::mboxutil
