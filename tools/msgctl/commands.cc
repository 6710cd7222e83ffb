// SPDX-License-Identifier: Apache-2.0
#include "tools/msgctl/commands.h"

#include <nlohmann/json.hpp>

namespace posthorn::msgctl {
namespace {

constexpr Command kCommands[] = {
    {"start-msg", "start", "Start all or some Posthorn services.", true, false},
    {"stop-msg", "stop", "Stop all or some Posthorn services.", false, true},
    {"restart-msg", "restart", "Restart all or some Posthorn services without refusing a connection.", true,
     false},
    {"refresh", "refresh", "Let new workers with the new configuration take over from the old ones.", false,
     false},
};

}  // namespace

std::optional<Command> commandOf(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  for (const Command& command : kCommands)
    if (command.name == name) return command;
  return std::nullopt;
}

std::string requestLine(const Command& command, const Arguments& arguments) {
  nlohmann::json request = {{"command", command.request}, {"services", arguments.services}};
  if (arguments.drain) request["drain"] = true;
  if (arguments.force) request["force"] = true;
  return request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace posthorn::msgctl
