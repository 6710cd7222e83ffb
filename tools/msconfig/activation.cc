// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/activation.h"

#include <algorithm>
#include <array>
#include <vector>

namespace posthorn::msconfig {

using config::Apply;
using config::Change;
using config::Service;
using config::Snapshot;

namespace {

enum class Need : unsigned char { None, Refresh, Restart, Start, Stop };

struct Needs {
  std::array<Need, config::kServices> services{};
  bool masterRefresh = false;
  bool master = false;  ///< a new one
};

void raise(Need& need, Need wanted) {
  need = std::max(need, wanted);
}

Needs needsOf(const std::vector<Change>& changes, const Snapshot& after) {
  Needs needs;
  for (const Change& change : changes) {
    if (change.name.rfind("server.", 0) == 0) needs.master = true;
    if (change.to == config::kMasterOnly) needs.masterRefresh = true;
    for (std::size_t i = 0; i < config::kServices; ++i) {
      const auto service = static_cast<Service>(i);
      if ((change.to & config::only(service)) == 0 || !config::isBuilt(service)) continue;
      const bool enabled = after.service(service).enable;
      if (change.name == std::string(config::nameOf(service)) + ".enable") {
        raise(needs.services[i], enabled ? Need::Start : Need::Stop);
      } else if (enabled) {
        raise(needs.services[i], change.apply == Apply::Restart ? Need::Restart : Need::Refresh);
      }
    }
  }
  return needs;
}

/// "`refresh pop imap`", or nothing when no service needs it.
std::string command(const Needs& needs, Need need, const std::string& name) {
  std::string services;
  for (std::size_t i = 0; i < config::kServices; ++i) {
    if (needs.services[i] == need) services += " " + std::string(config::nameOf(static_cast<Service>(i)));
  }
  return services.empty() ? "" : "`" + name + services + "`";
}

}  // namespace

std::string activation(const Snapshot& before, const Snapshot& after) {
  const Needs needs = needsOf(config::changes(before, after), after);
  if (needs.master) return "`stop-msg`, `start-msg`";
  std::vector<std::string> all = {
      command(needs, Need::Stop, "stop-msg"), command(needs, Need::Start, "start-msg"),
      command(needs, Need::Restart, "restart-msg"), command(needs, Need::Refresh, "refresh")};
  const bool none = std::all_of(all.begin(), all.end(), [](const std::string& one) { return one.empty(); });
  // Any of the others brings master its own options too.
  if (none && needs.masterRefresh) return "`refresh`";
  std::string text;
  for (const std::string& one : all) {
    if (!one.empty()) text += (text.empty() ? "" : ", ") + one;
  }
  return text;
}

}  // namespace posthorn::msconfig
