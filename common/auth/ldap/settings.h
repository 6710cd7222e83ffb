// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace posthorn::config {
class Snapshot;
}

namespace posthorn::auth {

/// One server of base.ugldaphost.
struct LdapHost {
  std::string name;  ///< a host name or address, without brackets: what its certificate has to be for
  std::uint16_t port = 389;

  /// "ldap1.example.com:389", for logs.
  [[nodiscard]] std::string describe() const;
};

/// How connections are encrypted.
enum class LdapTls : std::uint8_t { Off, StartTls, FromTheStart };

/// How the directory names its domains (facts 4.1).
enum class LdapSchema : std::uint8_t { One = 1, Two = 2 };

/// What the LDAP directory takes from the configuration; the names are the options'.
struct LdapSettings {
  std::vector<LdapHost> hosts;              ///< base.ugldaphost, base.ugldapport: tried in order
  std::string baseDn;                       ///< base.ugldapbasedn
  std::string bindDn;                       ///< base.ugldapbinddn; empty: searches go without a name
  std::string bindPassword;                 ///< base.ugldapbindcred
  LdapTls tls = LdapTls::Off;               ///< base.ugldapusessl, base.ugldapstarttls
  std::string caFile;                       ///< base.ugldapcafile
  bool checkCertificate = true;             ///< base.ldapcheckcert
  std::string tlsMinVersion = "1.2";        ///< base.tlsminversion
  LdapSchema schema = LdapSchema::Two;      ///< auth.ldapschema
  std::string dcRoot = "o=internet";        ///< base.dcroot
  std::string searchFilter;                 ///< auth.searchfilter
  bool searchForDomain = true;              ///< auth.searchfordomain
  std::size_t poolSize = 8;                 ///< auth.ldappoolsize: searches, and as many for binds
  std::chrono::milliseconds timeout{2000};  ///< auth.ldaptimeout: for one question, over all hosts
  std::chrono::seconds idleTimeout{60};     ///< auth.ldapidletimeout
  std::chrono::seconds domainCacheTtl{60};  ///< base.authcachettl, at most a minute

  static LdapSettings from(const config::Snapshot& config);
};

/// host, host:port and [address]:port; `port` where none is named.
LdapHost parseLdapHost(const std::string& text, std::uint16_t port);

}  // namespace posthorn::auth
