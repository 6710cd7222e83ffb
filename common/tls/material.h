// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/tls/context.h"

namespace posthorn::tls {

/// The settings of a service that was handed `material` (proc::TlsMaterial: identities with name, cert and
/// key, and ticketKeys).
template <typename Material>
Settings settingsFrom(const Material& material, MinVersion minVersion, std::vector<std::string> alpn) {
  Settings settings;
  for (const auto& identity : material.identities)
    settings.identities.push_back({identity.name, identity.cert, identity.key});
  for (const std::string& key : material.ticketKeys) settings.ticketKeys.bytes += key;
  settings.minVersion = minVersion;
  settings.alpn = std::move(alpn);
  return settings;
}

/// The context of a service, or null when it was handed no certificate: TLS is not offered then.
template <typename Material>
Result<std::shared_ptr<const Context>> contextFrom(const Material& material, std::string_view minVersion,
                                                   std::vector<std::string> alpn) {
  if (material.identities.empty()) return std::shared_ptr<const Context>();
  PH_TRY(const MinVersion least, parseMinVersion(minVersion));
  return Context::make(settingsFrom(material, least, std::move(alpn)));
}

}  // namespace posthorn::tls
