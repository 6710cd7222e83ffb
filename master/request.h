// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/base/result.h"
#include "common/config/snapshot.h"

namespace posthorn::master {

enum class Command : std::uint8_t { Start, Stop, Restart, Refresh, Status, Release, Events, Settings };

/// What somebody asks of master over the control socket or by a signal.
struct Request {
  Command command = Command::Status;
  std::vector<config::Service> services;  ///< in the order of start; empty means all
  std::vector<std::string> notes;         ///< about names that are known but not built
  bool drain = false;
  bool force = false;
  bool bySignal = false;              ///< not from the control socket
  std::vector<std::string> accounts;  ///< release
};

/// What came of it.
struct Outcome {
  bool ok = true;
  std::vector<std::string> messages;
  nlohmann::json status;         ///< of Command::Status and Command::Settings
  bool ending = false;           ///< master ends now: the connection is left open until it has
  std::vector<int> descriptors;  ///< copies go with the first byte of the answer; they stay master's

  void fail(std::string text) {
    ok = false;
    messages.push_back(std::move(text));
  }
  /// One line of JSON with its end.
  [[nodiscard]] std::string line() const;
};
using Reply = std::function<void(const Outcome&)>;

/// Adds the service that operators call `name` to `services`, once. NotFound for a name that nobody knows,
/// Unsupported for one that has nothing to be started here; both say so in a sentence.
Status addService(std::vector<config::Service>& services, const std::string& name);

/// Reads one line of the control protocol. Names of services that this release does not have are errors when
/// they are all that was named, notes otherwise.
Result<Request> parseRequest(std::string_view line);

}  // namespace posthorn::master
