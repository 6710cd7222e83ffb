// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/net/secure_layer.h"
#include "common/tls/openssl_ptr.h"

namespace posthorn::tls {

/// SecureLayer on an OpenSSL connection. `keep` holds what the SSL refers to besides its SSL_CTX.
class Layer final : public net::SecureLayer {
 public:
  Layer(SslPtr ssl, std::shared_ptr<const void> keep) : keep_(std::move(keep)), ssl_(std::move(ssl)) {}

  bool attach(int fd) override;
  Outcome handshake() override;
  Outcome read(std::span<char> into) override;
  Outcome write(std::string_view bytes) override;
  Outcome shutdown() override;
  [[nodiscard]] bool hasBuffered() const override;
  [[nodiscard]] net::SecureInfo info() const override;
  [[nodiscard]] std::string failure() const override { return failure_; }

 private:
  Outcome judge(int returned, std::size_t bytes);

  std::shared_ptr<const void> keep_;
  SslPtr ssl_;
  std::string failure_;
};

}  // namespace posthorn::tls
