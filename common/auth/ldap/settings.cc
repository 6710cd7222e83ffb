// SPDX-License-Identifier: Apache-2.0
#include "common/auth/ldap/settings.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/config/snapshot.h"

namespace posthorn::auth {
namespace {

// A domain that is shut must be shut soon; its entry is asked for by every login.
constexpr std::chrono::seconds kLongestDomainTtl{60};

LdapTls tlsOf(const config::Snapshot& config) {
  if (config.get<"base.ugldapusessl">()) return LdapTls::FromTheStart;
  return config.get<"base.ugldapstarttls">() ? LdapTls::StartTls : LdapTls::Off;
}

std::uint16_t portOf(const config::Snapshot& config) {
  constexpr std::uint16_t kLdaps = 636;
  if (config.get<"base.ugldapusessl">() && !config.isSet<"base.ugldapport">()) return kLdaps;
  return static_cast<std::uint16_t>(config.get<"base.ugldapport">());
}

}  // namespace

std::string LdapHost::describe() const {
  const bool bare = name.find(':') != std::string::npos;
  return (bare ? "[" + name + "]" : name) + ":" + std::to_string(port);
}

LdapHost parseLdapHost(const std::string& text, std::uint16_t port) {
  LdapHost host{text, port};
  std::string behind;
  if (text.size() > 1 && text.front() == '[') {
    const std::size_t end = std::min(text.find(']'), text.size());
    host.name = text.substr(1, end - 1);
    behind = end < text.size() ? text.substr(end + 1) : "";
  } else if (const std::size_t colon = text.find(':');
             colon != std::string::npos && text.find(':', colon + 1) == std::string::npos) {
    host.name = text.substr(0, colon);
    behind = text.substr(colon);
  }
  if (behind.size() > 1)
    if (const auto number = ascii::number(behind.substr(1)); number && *number <= 65535)
      host.port = static_cast<std::uint16_t>(*number);
  return host;
}

LdapSettings LdapSettings::from(const config::Snapshot& config) {
  LdapSettings s;
  for (const std::string& text : config.get<"base.ugldaphost">())
    s.hosts.push_back(parseLdapHost(text, portOf(config)));
  s.baseDn = config.get<"base.ugldapbasedn">();
  s.bindDn = config.get<"base.ugldapbinddn">();
  s.bindPassword = config.get<"base.ugldapbindcred">();
  s.tls = tlsOf(config);
  s.caFile = config.get<"base.ugldapcafile">();
  s.checkCertificate = config.get<"base.ldapcheckcert">();
  s.tlsMinVersion = config.get<"base.tlsminversion">();
  s.schema = config.get<"auth.ldapschema">() == "1" ? LdapSchema::One : LdapSchema::Two;
  s.dcRoot = config.get<"base.dcroot">();
  s.searchFilter = config.get<"auth.searchfilter">();
  s.searchForDomain = config.get<"auth.searchfordomain">();
  s.poolSize = static_cast<std::size_t>(config.get<"auth.ldappoolsize">());
  s.timeout = config.get<"auth.ldaptimeout">();
  s.idleTimeout = config.get<"auth.ldapidletimeout">();
  s.domainCacheTtl = std::min(config.get<"base.authcachettl">(), kLongestDomainTtl);
  return s;
}

}  // namespace posthorn::auth
