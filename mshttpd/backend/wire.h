// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/dialer.h"
#include "common/base/result.h"
#include "common/base/unique_fd.h"
#include "common/net/secure_layer.h"
#include "common/tls/client_context.h"

namespace posthorn::mshttpd::backend {

/// Where a server is.
struct Place {
  std::string host;  ///< a name or an address
  std::uint16_t port = 0;
  std::string name;  ///< whom its certificate must be for; empty: `host`

  /// "imap1.example:143", for logs.
  [[nodiscard]] std::string describe() const { return host + ":" + std::to_string(port); }
};

/// A client's connection over TCP, or TLS over it, whose every step ends by a deadline. Blocks; one thread at
/// a time. Errors are Unavailable (the peer is gone or not who it should be) and Timeout; nothing can be done
/// with the connection after one.
class Wire {
 public:
  /// Over all addresses of the place. With `tls` encrypted from the first byte.
  static Result<std::unique_ptr<Wire>> connect(Dialer& dialer, const Place& place,
                                               const tls::ClientContext* tls, Steady deadline,
                                               const Clock& clock = Clock::system());
  /// Over a connected socket that does not block (tests).
  Wire(UniqueFd socket, std::string peer, const Clock& clock);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// From now on nothing takes longer than until then.
  void arm(Steady deadline) { deadline_ = deadline; }
  /// At least one octet, or 0 at the end.
  Result<std::size_t> read(std::span<char> into);
  /// All of it.
  Status write(View bytes);
  /// Encrypts what follows (STARTTLS). `name`: whom the certificate must be for.
  Status startTls(const tls::ClientContext& tls, const std::string& name);
  [[nodiscard]] bool encrypted() const { return secure_ != nullptr; }

  /// False when the peer has said something, or goodbye, while nothing was asked.
  [[nodiscard]] bool quiet() const;
  [[nodiscard]] const std::string& peer() const { return peer_; }

 private:
  Status await(short events);
  Status judge(net::SecureLayer::Kind kind, const char* what);
  Error gone(const std::string& why) const;

  UniqueFd socket_;
  std::string peer_;
  const Clock& clock_;
  Steady deadline_;
  std::unique_ptr<net::SecureLayer> secure_;
};

}  // namespace posthorn::mshttpd::backend
