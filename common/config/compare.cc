// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "common/config/names.h"
#include "common/config/snapshot.h"
#include "common/config/value.h"

namespace posthorn::config {

namespace {

using Spelled = std::map<std::string, std::pair<std::size_t, const Value*>>;

Spelled groupValues(const Snapshot& snapshot) {
  Spelled all;
  for (const auto& [kind, members] : snapshot.allGroups()) {
    for (const auto& [name, cells] : members) {
      for (const auto& [row, cell] : cells) all[Named{row, name, false}.canonical()] = {row, &cell.value};
    }
  }
  return all;
}

Change changeOf(std::size_t row, std::string name) {
  return Change{std::move(name), kOptions[row].apply, kOptions[row].to};
}

}  // namespace

std::vector<Change> changes(const Snapshot& before, const Snapshot& after) {
  std::vector<Change> found;
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    const Snapshot::Cell* a = before.cell(row);
    const Snapshot::Cell* b = after.cell(row);
    if (a == nullptr || b == nullptr || a->value == b->value) continue;
    found.push_back(changeOf(row, std::string(kOptions[row].name)));
  }
  const Spelled old = groupValues(before);
  const Spelled now = groupValues(after);
  for (const auto& [name, value] : now) {
    const auto was = old.find(name);
    if (was == old.end() || *was->second.second != *value.second)
      found.push_back(changeOf(value.first, name));
  }
  for (const auto& [name, value] : old) {
    if (now.find(name) == now.end()) found.push_back(changeOf(value.first, name));
  }
  return found;
}

std::shared_ptr<const Snapshot> keepRestartRows(const Snapshot& running, const Snapshot& wanted) {
  auto mixed = std::make_shared<Snapshot>(wanted);
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    const Snapshot::Cell* cell = running.cell(row);
    if (kOptions[row].apply == Apply::Restart && cell != nullptr) mixed->put(row, *cell);
  }
  for (const auto& [kind, members] : running.allGroups()) {
    for (const auto& [name, cells] : members) {
      for (const auto& [row, cell] : cells)
        if (kOptions[row].apply == Apply::Restart) mixed->putInGroup(row, name, cell);
    }
  }
  return mixed;
}

namespace {

/// What a worker holds beside its sessions: listeners, pools, log, event area, open accounts' environments.
constexpr std::uint64_t kBesideSessions = 256;
/// A session's socket, and what its mailbox keeps open at most of the time.
constexpr std::uint64_t kPerSession = 2;

}  // namespace

SessionRoom fitSessions(const Snapshot& config, Service service, std::uint64_t descriptors) {
  const ServiceConfig s = config.service(service);
  const std::uint64_t room =
      descriptors > kBesideSessions ? (descriptors - kBesideSessions) / kPerSession : 0;
  SessionRoom fit;
  fit.sessions = static_cast<std::uint32_t>(std::min<std::uint64_t>(s.maxsessions, room));
  if (fit.sessions == s.maxsessions) return fit;
  const std::string name = std::string(nameOf(service)) + ".maxsessions";
  const Snapshot::Cell* cell = config.cell(findRow(name));
  const bool set = cell != nullptr && cell->isSet;
  Finding finding;
  finding.severity = set || fit.sessions == 0 ? Severity::Error : Severity::Warning;
  finding.option = name;
  finding.text = name + " is " + std::to_string(s.maxsessions) + ", but the limit of " +
                 std::to_string(descriptors) + " open files has room for " + std::to_string(fit.sessions);
  finding.hint = set ? "raise LimitNOFILE (ulimit -n) or lower " + name : "raise LimitNOFILE (ulimit -n)";
  fit.finding = std::move(finding);
  return fit;
}

}  // namespace posthorn::config
