// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthorn::msgctl {

/// One of the program's names and what it asks of master.
struct Command {
  std::string_view name;     ///< of the program: "stop-msg"
  std::string_view request;  ///< of the control protocol: "stop"
  std::string_view purpose;  ///< one sentence for -h
  bool startsMaster;         ///< without a running master it starts one
  bool ends;                 ///< takes --drain and -f
};

/// The command whose name is the last part of `path`; nothing for any other name.
std::optional<Command> commandOf(std::string_view path);

struct Arguments {
  std::string config;
  std::string rundir;
  bool drain = false;
  bool force = false;
  std::vector<std::string> services;
};

/// The line that goes to master's control socket.
std::string requestLine(const Command& command, const Arguments& arguments);

}  // namespace posthorn::msgctl
