// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/auth/ldap/settings.h"

namespace posthorn::config {
class Snapshot;
}

namespace posthorn::auth {

/// What this room takes from the configuration; the names are the options'. A value: made anew when a live
/// option changes.
struct Settings {
  bool ldapDirectory = false;  ///< auth.directory: ldap, else the file
  LdapSettings ldap;
  std::string userFile;                          ///< auth.userfile
  std::string passwordScheme = "yescrypt";       ///< auth.passwordscheme: for passwords set from now on
  unsigned passwordCost = 0;                     ///< auth.passwordcost: 0 is the scheme's usual one
  std::string loginSeparator = "@";              ///< base.loginseparator: a set of characters
  std::string defaultDomain;                     ///< base.defaultdomain, lower case
  std::string hostname;                          ///< base.hostname, lower case
  std::vector<std::string> admins;               ///< store.admins: canonical ids
  std::string proxyAdmin;                        ///< base.proxyadmin: canonical id; empty where there is none
  std::vector<std::string> mechanisms{"PLAIN"};  ///< auth.mech_list, upper case, in the order to offer
  std::size_t cacheSize = 10000;                 ///< base.authcachesize: entries
  std::chrono::seconds cacheTtl{900};            ///< base.authcachettl
  std::chrono::seconds failureDelay{2};          ///< auth.failuredelay
  std::chrono::seconds failureDelayMax{15};      ///< auth.failuredelaymax
  std::vector<std::string> trustedProxies;       ///< base.trustedproxies: address or address/bits

  /// From a whole configuration or a worker's part of it.
  static Settings from(const config::Snapshot& config);
};

}  // namespace posthorn::auth
