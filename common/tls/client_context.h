// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"
#include "common/net/secure_layer.h"
#include "common/tls/context.h"

namespace posthorn::tls {

/// The client's TLS settings: whom it believes. Never changes. Any thread.
class ClientContext {
 public:
  /// `caFile`: PEM with the authorities that are trusted, and no others; a self-signed certificate is its own
  /// authority. Empty: those of the system. Invalid or Unavailable when it cannot be read.
  static Result<std::shared_ptr<const ClientContext>> make(const std::string& caFile, MinVersion minVersion);
  /// Believes everybody: against listeners only (RFC 7435), and nothing secret may be said over it.
  static Result<std::shared_ptr<const ClientContext>> makeUnverified(MinVersion minVersion);
  ~ClientContext();
  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;

  /// The client's side of a new connection to `host`, a name or an address. Its handshake fails unless the
  /// server shows a certificate for `host` that is valid now and comes from a trusted authority; failure()
  /// says which of these was not so. Keeps what it needs alive. Null when memory is out.
  [[nodiscard]] std::unique_ptr<net::SecureLayer> newLayer(const std::string& host) const;

 private:
  struct Inner;
  static Result<std::shared_ptr<Inner>> begin(MinVersion minVersion);
  explicit ClientContext(std::shared_ptr<Inner> inner);
  std::shared_ptr<Inner> inner_;
};

}  // namespace posthorn::tls
