// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/auth/ldap/session.h"
#include "common/auth/ldap/wire.h"
#include "common/base/clock.h"
#include "common/base/unique_fd.h"

struct ldap;
struct ldapmsg;
struct ldapcontrol;

namespace posthorn::auth::ldap {

/// One connection by libldap. After any error of Unavailable or Timeout it must be thrown away: libldap would
/// connect anew by itself, without TLS and without a name.
class Connection final : public Session {
 public:
  /// Takes a connected socket that does not block. Unavailable when libldap does not want it.
  static Result<std::unique_ptr<Connection>> adopt(UniqueFd socket, const LdapHost& host, const Clock& clock);
  ~Connection() override;

  /// What the TLS handshake shall demand; before startTls() and handshake().
  struct TlsRules {
    bool check = true;
    std::string caFile;
    std::string minVersion = "1.2";
  };
  Status prepareTls(const TlsRules& rules);
  /// The StartTLS operation (RFC 4511 4.14), without the handshake.
  Status startTls(Steady deadline);
  Status handshake(Steady deadline);
  /// The server's certificate (DER), empty when there is none.
  [[nodiscard]] std::string peerCertificate() const;

  Result<SearchAnswer> search(const Search& what, Steady deadline) override;
  Result<BindAnswer> bind(const std::string& dn, const Secret& password, Steady deadline) override;
  [[nodiscard]] bool stale() override;

 private:
  struct FreeMessage {
    void operator()(ldapmsg* message) const;
  };
  using Message = std::unique_ptr<ldapmsg, FreeMessage>;

  Connection(::ldap* handle, std::unique_ptr<Wire> wire, const LdapHost& host, const Clock& clock);
  Status setUp();
  /// The answer to the request `id`, waited for until the deadline that the wire was armed with.
  Result<Message> await(int id, Steady deadline);
  /// An error for a libldap code; `what` failed.
  [[nodiscard]] Error failure(int code, const std::string& what) const;
  [[nodiscard]] std::string diagnostic() const;
  Status readEntries(ldapmsg* result, SearchAnswer& out) const;

  ::ldap* handle_;
  std::unique_ptr<Wire> wire_;  // the handle speaks over it
  const std::string server_;
  const Clock& clock_;
};

}  // namespace posthorn::auth::ldap
