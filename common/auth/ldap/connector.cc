// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <ldap.h>
#include <unistd.h>

#include "common/auth/ldap/certificate.h"
#include "common/auth/ldap/connection.h"
#include "common/auth/ldap/session.h"
#include "common/base/ascii.h"
#include "common/base/dialer.h"

namespace posthorn::auth::ldap {
namespace {

class LibldapConnector final : public Connector {
 public:
  LibldapConnector(const LdapSettings& settings, const Clock& clock)
      : settings_(settings), clock_(clock), dialer_(clock) {}

  Result<std::unique_ptr<Session>> connect(const LdapHost& host, Purpose purpose, Steady deadline) override {
    PH_TRY(auto connection, open(host, deadline));
    PH_CHECK(encrypt(*connection, host, deadline));
    if (purpose == Purpose::Searches) PH_CHECK(introduce(*connection, deadline));
    return std::unique_ptr<Session>(std::move(connection));
  }

 private:
  Result<std::unique_ptr<Connection>> open(const LdapHost& host, Steady deadline) {
    PH_TRY(auto socket, dialer_.dial(host.name, host.port, deadline));
    return Connection::adopt(std::move(socket), host, clock_);
  }

  Status shakeHands(Connection& connection, bool check, Steady deadline) const {
    PH_CHECK(connection.prepareTls({check, settings_.caFile, settings_.tlsMinVersion}));
    if (settings_.tls == LdapTls::StartTls) PH_CHECK(connection.startTls(deadline));
    return connection.handshake(deadline);
  }

  Status encrypt(Connection& connection, const LdapHost& host, Steady deadline) {
    if (settings_.tls == LdapTls::Off) return okStatus();
    if (settings_.checkCertificate && access(settings_.caFile.c_str(), R_OK) != 0)
      return makeError(
          Errc::Unavailable,
          errnoError("base.ugldapcafile " + settings_.caFile + " cannot be read by this process").text);
    Status status = shakeHands(connection, settings_.checkCertificate, deadline);
    if (status.ok() || status.error().code == Errc::Timeout || !settings_.checkCertificate) return status;
    if (const std::string reason = reasonOf(host, deadline); !reason.empty())
      status.error().text = "its certificate is refused: " + reason;
    return status;
  }

  /// libldap does not say why it refuses a certificate, so it is fetched once more, just to look at it:
  /// nothing is ever said over that connection.
  std::string reasonOf(const LdapHost& host, Steady deadline) {
    auto look = open(host, deadline);
    if (!look || !shakeHands(**look, false, deadline).ok()) return {};
    return certificateTrouble((*look)->peerCertificate(), host.name, settings_.caFile, clock_.wall());
  }

  Status introduce(Connection& connection, Steady deadline) const {
    if (settings_.bindDn.empty()) return okStatus();
    if (settings_.bindPassword.empty())
      return makeError(Errc::Unavailable, "base.ugldapbinddn is set, but base.ugldapbindcred is empty");
    PH_TRY(const auto answer,
           connection.bind(settings_.bindDn, Secret(std::string_view(settings_.bindPassword)), deadline));
    if (answer.policy.trouble == PolicyAnswer::Trouble::MustChange)
      return makeError(Errc::Unavailable,
                       "the password of " + settings_.bindDn + " (base.ugldapbinddn) must be changed first");
    if (answer.code == LDAP_SUCCESS) return okStatus();
    return makeError(Errc::Unavailable, "it refuses " + settings_.bindDn +
                                            " (base.ugldapbinddn, base.ugldapbindcred): " +
                                            ldap_err2string(answer.code) + " " + answer.text);
  }

  const LdapSettings& settings_;
  const Clock& clock_;
  Dialer dialer_;
};

}  // namespace

std::unique_ptr<Connector> libldapConnector(const LdapSettings& settings, const Clock& clock) {
  return std::make_unique<LibldapConnector>(settings, clock);
}

}  // namespace posthorn::auth::ldap
