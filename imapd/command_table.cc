// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "common/base/ascii.h"
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {
namespace {

constexpr CommandSpec kCommands[] = {
    {"CAPABILITY", commands::capability}, {"LOGIN", commands::login},
    {"LOGOUT", commands::logout},         {"NOOP", commands::noop},
    {"STARTTLS", commands::starttls},
};

}  // namespace

const CommandSpec* findCommand(std::string_view name) {
  const auto* found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                   [name](const CommandSpec& row) { return ascii::equal(row.name, name); });
  return found == std::end(kCommands) ? nullptr : found;
}

}  // namespace posthorn::imapd
