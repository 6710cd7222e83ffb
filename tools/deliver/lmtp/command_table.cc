// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/command_table.h"

#include <algorithm>
#include <iterator>

#include "common/base/ascii.h"
#include "tools/deliver/lmtp/commands/commands.h"

namespace posthorn::deliver::lmtp {
namespace {

// BDAT looks at the state itself: whatever it is, the octets behind the line are no commands.
constexpr CommandSpec kCommands[] = {
    {"BDAT", kAnyState, commands::bdat},
    {"DATA", kMail, commands::data},
    {"EHLO", kAnyState, commands::ehlo},
    {"EXPN", kAnyState, commands::expn},
    {"HELO", kAnyState, commands::ehlo},
    {"HELP", kAnyState, commands::help},
    {"LHLO", kAnyState, commands::lhlo},
    {"MAIL", kReady, commands::mail},
    {"NOOP", kAnyState, commands::noop},
    {"QUIT", kAnyState, commands::quit},
    {"RCPT", kMail, commands::rcpt},
    {"RSET", kAnyState, commands::rset},
    {"STARTTLS", kStrange | kReady, commands::starttls},
    {"VRFY", kAnyState, commands::vrfy},
};

constexpr bool sorted() {
  for (std::size_t i = 1; i < std::size(kCommands); ++i) {
    if (kCommands[i - 1].name >= kCommands[i].name) return false;
  }
  return true;
}
static_assert(sorted(), "the table is searched by halves");

}  // namespace

std::span<const CommandSpec> commandTable() {
  return kCommands;
}

const CommandSpec* findCommand(View verb) {
  if (verb.size() > 8) return nullptr;
  const std::string name = ascii::toUpper(verb);
  const auto* found =
      std::lower_bound(std::begin(kCommands), std::end(kCommands), name,
                       [](const CommandSpec& row, const std::string& n) { return row.name < n; });
  return found != std::end(kCommands) && found->name == name ? found : nullptr;
}

}  // namespace posthorn::deliver::lmtp
