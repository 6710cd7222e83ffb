// SPDX-License-Identifier: Apache-2.0
#include "popd/command_table.h"

#include <algorithm>
#include <array>

#include "common/base/ascii.h"
#include "popd/commands/commands.h"

namespace posthorn::popd {
namespace {

constexpr States kBoth = kAuthorization | kTransaction;

constexpr CommandSpec kCommands[] = {
    {"AUTH", kAuthorization, Kind::Interactive, Place::Job, commands::auth},
    {"CAPA", kBoth, Kind::Simple, Place::Inline, commands::capa},
    {"DELE", kTransaction, Kind::Simple, Place::Inline, commands::dele},
    {"LANG", kBoth, Kind::Simple, Place::Inline, commands::lang},
    {"LIST", kTransaction, Kind::Stream, Place::Inline, commands::list},
    {"NOOP", kTransaction, Kind::Simple, Place::Inline, commands::noop},
    {"PASS", kAuthorization, Kind::Simple, Place::Job, commands::pass},
    {"QUIT", kBoth, Kind::Simple, Place::Job, commands::quit},
    {"RETR", kTransaction, Kind::Stream, Place::Job, commands::retr},
    {"RSET", kTransaction, Kind::Simple, Place::Inline, commands::rset},
    {"STAT", kTransaction, Kind::Simple, Place::Inline, commands::stat},
    {"STLS", kAuthorization, Kind::Interactive, Place::Inline, commands::stls},
    {"TOP", kTransaction, Kind::Stream, Place::Job, commands::top},
    {"UIDL", kTransaction, Kind::Stream, Place::Inline, commands::uidl},
    {"USER", kAuthorization, Kind::Simple, Place::Inline, commands::user},
    {"UTF8", kAuthorization, Kind::Simple, Place::Inline, commands::utf8},
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

const CommandSpec* findCommand(std::string_view keyword) {
  if (keyword.size() > 8) return nullptr;
  const std::string name = ascii::toUpper(keyword);
  const auto* found =
      std::lower_bound(std::begin(kCommands), std::end(kCommands), name,
                       [](const CommandSpec& row, const std::string& n) { return row.name < n; });
  return found != std::end(kCommands) && found->name == name ? found : nullptr;
}

}  // namespace posthorn::popd
