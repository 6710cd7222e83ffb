// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace posthorn::auth {

/// What this room takes from the configuration; the names are the options'. A value: made anew when a live
/// option changes.
struct Settings {
  std::string userFile;                          ///< auth.userfile
  std::string hashScheme = "yescrypt";           ///< auth.hashscheme: for passwords set from now on
  unsigned hashCost = 0;                         ///< auth.hashcost: 0 is the scheme's own default
  std::string loginSeparator = "@";              ///< base.loginseparator: a set of characters
  std::string defaultDomain;                     ///< base.defaultdomain, lower case
  std::string hostname;                          ///< base.hostname, lower case
  std::vector<std::string> admins;               ///< store.admins: canonical ids
  std::string proxyAdmin;                        ///< base.proxyadmin: canonical id, empty for none
  std::vector<std::string> mechanisms{"PLAIN"};  ///< auth.mech_list, upper case, in the order to offer
  std::size_t cacheSize = 10000;                 ///< base.authcachesize: entries
  std::chrono::seconds cacheTtl{900};            ///< base.authcachettl
  std::vector<std::string> trustedProxies;       ///< address or address/bits: never slowed down
};

}  // namespace posthorn::auth
