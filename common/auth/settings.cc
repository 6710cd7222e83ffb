// SPDX-License-Identifier: Apache-2.0
#include "common/auth/settings.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/config/snapshot.h"

namespace posthorn::auth {

Settings Settings::from(const config::Snapshot& config) {
  Settings s;
  s.ldapDirectory = config.get<"auth.directory">() == "ldap";
  s.ldap = LdapSettings::from(config);
  s.userFile = config.get<"auth.userfile">();
  s.passwordScheme = config.get<"auth.passwordscheme">();
  s.passwordCost = static_cast<unsigned>(config.get<"auth.passwordcost">());
  s.loginSeparator = config.get<"base.loginseparator">();
  s.defaultDomain = ascii::toLower(config.get<"base.defaultdomain">());
  s.hostname = ascii::toLower(config.hostname());
  for (const std::string& id : config.get<"store.admins">()) s.admins.push_back(ascii::toLower(id));
  // Only mshttpd and imapd are told who the proxy user is; elsewhere it is nobody special.
  if (config.cell(config::detail::requireRow("base.proxyadmin")) != nullptr)
    s.proxyAdmin = ascii::toLower(config.get<"base.proxyadmin">());
  s.mechanisms.clear();
  for (const std::string& name : config.get<"auth.mech_list">()) s.mechanisms.push_back(ascii::toUpper(name));
  s.cacheSize = static_cast<std::size_t>(config.get<"base.authcachesize">());
  s.cacheTtl = config.get<"base.authcachettl">();
  s.failureDelay = config.get<"auth.failuredelay">();
  s.failureDelayMax = config.get<"auth.failuredelaymax">();
  s.trustedProxies = config.get<"base.trustedproxies">();
  return s;
}

}  // namespace posthorn::auth
