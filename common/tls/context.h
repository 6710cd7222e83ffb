// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/net/secure_layer.h"

namespace posthorn::tls {

/// One certificate chain with its private key, as PEM text (workers never see paths).
struct Identity {
  std::string name;            ///< the group's name, for error texts
  std::string certificatePem;  ///< the server's certificate first, then the chain
  std::string keyPem;
};

enum class MinVersion : std::uint8_t { Tls12, Tls13 };
/// base.tlsminversion: "1.2", "1.3".
Result<MinVersion> parseMinVersion(std::string_view text);

/// Keys that encrypt session tickets, the newest first: all workers of an instance share them, so that a
/// session resumes in any of them and across a refresh. Made and rotated by master. Each key is
/// kTicketKeyBytes long.
inline constexpr std::size_t kTicketKeyBytes = 80;
struct TicketKeys {
  std::string bytes;  ///< one or more keys one after the other; empty: keys of this context alone
  static std::string makeKey();
};

struct Settings {
  std::vector<Identity> identities = {};  ///< at least one; the first answers when no name fits
  MinVersion minVersion = MinVersion::Tls12;
  /// What this service speaks ("pop3", "imap", "http/1.1"): a client that offers ALPN without any of them is
  /// refused, so that nobody can redirect it from another protocol (ALPACA; RFC 7301 §3.2).
  std::vector<std::string> alpn = {};
  TicketKeys ticketKeys = {};
  /// PEM of authorities: clients are asked for a certificate; one of another authority, or out of date, ends
  /// the handshake, none is no error. Empty: nobody is asked.
  std::string clientCaPem = {};
};

/// The server's TLS settings, made once from certificates and keys; never changes (a reload makes another one
/// and running connections keep theirs). Any thread.
class Context {
 public:
  /// Errc::Invalid with a text that names the certificate when a PEM text cannot be read, a key does not
  /// belong to its certificate, or a certificate is one that OpenSSL will not use.
  static Result<std::shared_ptr<const Context>> make(const Settings& settings);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// The server's side of a new connection; keeps what it needs of this context alive. Null when memory is
  /// out.
  [[nodiscard]] std::unique_ptr<net::SecureLayer> newLayer() const;

  /// The names (lower case, wildcards as "*.example.org") under which the certificates are found, in order.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  struct Inner;
  explicit Context(std::shared_ptr<Inner> inner);
  std::shared_ptr<Inner> inner_;
};

}  // namespace posthorn::tls
