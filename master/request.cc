// SPDX-License-Identifier: Apache-2.0
#include "master/request.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/ascii.h"

namespace posthorn::master {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxNames = 256;
constexpr std::array<std::string_view, 8> kCommands = {"start",  "stop",    "restart", "refresh",
                                                       "status", "release", "events",  "settings"};
/// Components that operators know from elsewhere and that have no process of their own here.
constexpr std::array<std::string_view, 5> kElsewhere = {"store", "sched", "watcher", "purge", "mta"};

std::optional<config::Service> serviceOf(std::string_view name) {
  for (std::size_t i = 0; i < config::kServices; ++i) {
    const auto service = static_cast<config::Service>(i);
    if (name == config::nameOf(service) || name == config::programOf(service)) return service;
  }
  return std::nullopt;
}

Result<std::vector<std::string>> textsIn(const json& object, const char* member) {
  std::vector<std::string> texts;
  const auto found = object.find(member);
  if (found == object.end()) return texts;
  if (!found->is_array() || found->size() > kMaxNames)
    return makeError(Errc::Invalid, std::string("bad request: ") + member);
  for (const json& entry : *found) {
    if (!entry.is_string()) return makeError(Errc::Invalid, std::string("bad request: ") + member);
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

bool flagIn(const json& object, const char* member) {
  const auto found = object.find(member);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

Status addService(std::vector<config::Service>& services, const std::string& name) {
  if (const auto service = serviceOf(name)) {
    if (!config::isBuilt(*service)) return makeError(Errc::Unsupported, name + ": not part of this release");
    if (std::find(services.begin(), services.end(), *service) == services.end()) services.push_back(*service);
    return okStatus();
  }
  if (std::find(kElsewhere.begin(), kElsewhere.end(), name) != kElsewhere.end())
    return makeError(Errc::Unsupported, name + ": no process of its own here; nothing to do");
  return makeError(Errc::NotFound,
                   "there is no service \"" + ascii::printable(name, 40) + "\": pop, imap, http");
}

std::string Outcome::line() const {
  json object = {{"ok", ok}, {"messages", messages}};
  if (!status.is_null()) object["status"] = status;
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

Result<Request> parseRequest(std::string_view line) {
  const json object = json::parse(line, nullptr, false);
  if (!object.is_object()) return makeError(Errc::Invalid, "bad request: not an object");
  Request request;
  const auto command = object.find("command");
  const std::string word = command != object.end() && command->is_string() ? command->get<std::string>() : "";
  const auto* const known = std::find(kCommands.begin(), kCommands.end(), word);
  if (known == kCommands.end()) return makeError(Errc::Invalid, "bad request: unknown command");
  request.command = static_cast<Command>(known - kCommands.begin());
  PH_TRY(const auto names, textsIn(object, "services"));
  for (const std::string& name : names) {
    const Status added = addService(request.services, name);
    if (!added.ok() && added.error().code == Errc::NotFound) return added.error();
    if (!added.ok()) request.notes.push_back(added.error().text);
  }
  if (!names.empty() && request.services.empty()) return makeError(Errc::Unsupported, request.notes.front());
  std::sort(request.services.begin(), request.services.end());
  PH_TRY(request.accounts, textsIn(object, "accounts"));
  request.drain = flagIn(object, "drain");
  request.force = flagIn(object, "force");
  return request;
}

}  // namespace posthorn::master
