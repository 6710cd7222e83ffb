// SPDX-License-Identifier: Apache-2.0
#include "common/tls/client_context.h"

#include <utility>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "common/tls/layer.h"
#include "common/tls/openssl_error.h"
#include "common/tls/openssl_ptr.h"

namespace posthorn::tls {
namespace {

bool isAddress(const std::string& host) {
  in6_addr out{};
  return inet_pton(AF_INET, host.c_str(), &out) == 1 || inet_pton(AF_INET6, host.c_str(), &out) == 1;
}

/// Layer, from the other side.
class ClientLayer final : public net::SecureLayer {
 public:
  ClientLayer(SslPtr ssl, std::shared_ptr<const void> keep)
      : ssl_(ssl.get()), layer_(std::move(ssl), std::move(keep)) {}

  bool attach(int fd) override { return layer_.attach(fd); }
  Outcome handshake() override {
    // SSL_accept() of Layer goes on in the state that was set: SSL_do_handshake() is the same for both sides.
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_);
    if (done == 1) return {.kind = Kind::Done};
    const int what = SSL_get_error(ssl_, done);
    if (what == SSL_ERROR_WANT_READ) return {.kind = Kind::WantRead};
    if (what == SSL_ERROR_WANT_WRITE) return {.kind = Kind::WantWrite};
    failure_ = whyRefused();
    return {.kind = Kind::Failed};
  }
  Outcome read(std::span<char> into) override { return layer_.read(into); }
  Outcome write(std::string_view bytes) override { return layer_.write(bytes); }
  Outcome shutdown() override { return layer_.shutdown(); }
  [[nodiscard]] bool hasBuffered() const override { return layer_.hasBuffered(); }
  [[nodiscard]] net::SecureInfo info() const override { return layer_.info(); }
  [[nodiscard]] std::string failure() const override {
    return failure_.empty() ? layer_.failure() : failure_;
  }

 private:
  [[nodiscard]] std::string whyRefused() const {
    const long verified = SSL_get_verify_result(ssl_);
    std::string trouble = takeErrors("closed by the peer");
    if (verified == X509_V_OK) return trouble;
    return std::string("its certificate is refused: ") + X509_verify_cert_error_string(verified);
  }

  SSL* ssl_;  // layer_ owns it
  Layer layer_;
  std::string failure_;
};

}  // namespace

struct ClientContext::Inner {
  ContextPtr context;
};

ClientContext::ClientContext(std::shared_ptr<Inner> inner) : inner_(std::move(inner)) {}
ClientContext::~ClientContext() = default;

Result<std::shared_ptr<ClientContext::Inner>> ClientContext::begin(MinVersion minVersion) {
  auto inner = std::make_shared<Inner>();
  inner->context.reset(SSL_CTX_new(TLS_client_method()));
  SSL_CTX* context = inner->context.get();
  if (context == nullptr) return makeError(Errc::Internal, "OpenSSL: " + takeErrors("no memory"));
  const int least = minVersion == MinVersion::Tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_set_min_proto_version(context, least) != 1)
    return makeError(Errc::Internal, "OpenSSL refuses our settings: " + takeErrors("unknown"));
  return inner;
}

Result<std::shared_ptr<const ClientContext>> ClientContext::makeUnverified(MinVersion minVersion) {
  PH_TRY(auto inner, begin(minVersion));
  SSL_CTX_set_verify(inner->context.get(), SSL_VERIFY_NONE, nullptr);
  return std::shared_ptr<const ClientContext>(new ClientContext(std::move(inner)));
}

Result<std::shared_ptr<const ClientContext>> ClientContext::make(const std::string& caFile,
                                                                 MinVersion minVersion) {
  PH_TRY(auto inner, begin(minVersion));
  SSL_CTX* context = inner->context.get();
  if (caFile.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1)
      return makeError(Errc::Unavailable,
                       "the system's authorities cannot be read: " + takeErrors("unknown"));
    return std::shared_ptr<const ClientContext>(new ClientContext(std::move(inner)));
  }
  if (access(caFile.c_str(), R_OK) != 0)
    return makeError(Errc::Unavailable, errnoError(caFile + " cannot be read by this process").text);
  if (SSL_CTX_load_verify_file(context, caFile.c_str()) != 1)
    return makeError(Errc::Invalid, caFile + " holds no PEM certificate: " + takeErrors("unknown"));
  // A server's own certificate may stand there, too: it need not come from one that may sign.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  return std::shared_ptr<const ClientContext>(new ClientContext(std::move(inner)));
}

std::unique_ptr<net::SecureLayer> ClientContext::newLayer(const std::string& host) const {
  SslPtr ssl(SSL_new(inner_->context.get()));
  if (!ssl) {
    ERR_clear_error();
    return nullptr;
  }
  X509_VERIFY_PARAM* checks = SSL_get0_param(ssl.get());
  X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // An address is compared with those of the certificate and is no name for SNI (RFC 6066 3).
  const bool set = isAddress(host) ? X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str()) == 1
                                   : X509_VERIFY_PARAM_set1_host(checks, host.c_str(), host.size()) == 1 &&
                                         SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
  if (!set) {
    ERR_clear_error();
    return nullptr;
  }
  SSL_set_connect_state(ssl.get());
  return std::make_unique<ClientLayer>(std::move(ssl), inner_);
}

}  // namespace posthorn::tls
