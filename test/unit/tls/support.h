// SPDX-License-Identifier: Apache-2.0
#pragma once

// Certificates made on the spot, and an OpenSSL client on the test's own loop.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "common/net/loop.h"
#include "common/tls/context.h"
#include "common/tls/openssl_ptr.h"

namespace posthorn::tls::test {

inline std::string pemOf(const std::function<int(BIO*)>& write) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  REQUIRE(write(bio.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

/// A self-signed certificate; `altNames` as in "DNS:a.example,DNS:*.b.example" (empty: CN alone). Valid from
/// `begins` to `ends` seconds from now.
inline Identity makeIdentity(const std::string& commonName, const std::string& altNames = {},
                             bool rsa = false, long begins = -60, long ends = 3600) {
  const KeyPtr key(rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
  const CertPtr cert(X509_new());
  X509_set_version(cert.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(cert.get()), begins);
  X509_gmtime_adj(X509_getm_notAfter(cert.get()), ends);
  X509_set_pubkey(cert.get(), key.get());
  X509_NAME* name = X509_get_subject_name(cert.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(commonName.c_str()), -1, -1, 0);
  X509_set_issuer_name(cert.get(), name);
  if (!altNames.empty()) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, altNames.c_str());
    REQUIRE(extension != nullptr);
    X509_add_ext(cert.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  REQUIRE(X509_sign(cert.get(), key.get(), EVP_sha256()) > 0);
  return {.name = commonName,
          .certificatePem = pemOf([&](BIO* bio) { return PEM_write_bio_X509(bio, cert.get()); }),
          .keyPem = pemOf([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

inline std::shared_ptr<const Context> makeContext(Settings settings) {
  if (settings.identities.empty()) settings.identities = {makeIdentity("localhost")};
  auto made = Context::make(settings);
  INFO((made.ok() ? "" : made.error().text));
  REQUIRE(made.ok());
  return *made;
}

using SessionPtr = std::unique_ptr<SSL_SESSION, Freer<SSL_SESSION_free>>;

struct ClientSettings {
  std::string serverName = {};
  std::vector<std::string> alpn = {};
  int maxVersion = TLS1_3_VERSION;
  std::string ciphers = {};
  std::string sigalgs = {};
  SSL_SESSION* session = nullptr;
};

/// The other end, TLS. Starts the handshake with start().
class TlsClient {
 public:
  TlsClient(net::Loop& loop, UniqueFd fd, const ClientSettings& settings)
      : context_(SSL_CTX_new(TLS_client_method())),
        fd_(std::move(fd)),
        watch_(loop, fd_.get(), net::Ready::Read, [this] { step(); }),
        writable_(loop, fd_.get(), net::Ready::Write, [this] { step(); }) {
    SSL_CTX_set_app_data(context_.get(), this);
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* of, SSL_SESSION* fresh) {
      static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(of)))->session.reset(fresh);
      return 1;
    });
    SSL_CTX_set_max_proto_version(context_.get(), settings.maxVersion);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (!settings.ciphers.empty())
      REQUIRE(SSL_CTX_set_cipher_list(context_.get(), settings.ciphers.c_str()) == 1);
    if (!settings.sigalgs.empty())
      REQUIRE(SSL_CTX_set1_sigalgs_list(context_.get(), settings.sigalgs.c_str()) == 1);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd_.get());
    SSL_set_connect_state(ssl_.get());
    if (!settings.serverName.empty()) SSL_set_tlsext_host_name(ssl_.get(), settings.serverName.c_str());
    std::vector<unsigned char> wire;
    for (const std::string& name : settings.alpn) {
      wire.push_back(static_cast<unsigned char>(name.size()));
      wire.insert(wire.end(), name.begin(), name.end());
    }
    if (!wire.empty()) SSL_set_alpn_protos(ssl_.get(), wire.data(), static_cast<unsigned>(wire.size()));
    if (settings.session != nullptr) SSL_set_session(ssl_.get(), settings.session);
  }

  /// Without close_notify OpenSSL would forbid to resume its session.
  ~TlsClient() {
    if (connected && !failed) SSL_shutdown(ssl_.get());
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  void start() {
    watch_.enable();
    step();
  }
  void send(std::string_view text) {
    out_ += text;
    step();
  }
  void listen(bool on) { on ? watch_.enable() : watch_.disable(); }
  [[nodiscard]] std::string certificateName() const {
    const CertPtr cert(SSL_get1_peer_certificate(ssl_.get()));
    if (!cert) return {};
    char name[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(cert.get()), NID_commonName, name, sizeof name);
    return name;
  }
  [[nodiscard]] SSL* ssl() const { return ssl_.get(); }
  [[nodiscard]] bool over() const { return eof || failed; }

  std::string got;
  std::string error;
  SessionPtr session;
  bool connected = false;
  bool eof = false;
  bool failed = false;

 private:
  void step() {
    ERR_clear_error();
    if (over()) return;
    if (!connected) {
      const int result = SSL_do_handshake(ssl_.get());
      if (result != 1) return judge(result);
      connected = true;
    }
    while (!out_.empty()) {
      const int sent = SSL_write(ssl_.get(), out_.data(), static_cast<int>(out_.size()));
      if (sent <= 0) {
        judge(sent);
        break;
      }
      out_.erase(0, static_cast<std::size_t>(sent));
    }
    out_.empty() ? writable_.disable() : writable_.enable();
    char bytes[16384];
    for (int i = 0; i < 8 && !over(); ++i) {
      const int n = SSL_read(ssl_.get(), bytes, sizeof bytes);
      if (n <= 0) return judge(n);
      got.append(bytes, static_cast<std::size_t>(n));
    }
  }
  void judge(int result) {
    const int code = SSL_get_error(ssl_.get(), result);
    if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE) return;
    if (code == SSL_ERROR_ZERO_RETURN) {
      eof = true;
    } else {
      failed = true;
      const char* reason = ERR_reason_error_string(ERR_peek_error());
      error = reason != nullptr ? reason : "closed";
    }
    watch_.disable();
    writable_.disable();
  }

  ContextPtr context_;
  UniqueFd fd_;
  SslPtr ssl_;
  std::string out_;
  net::Watch watch_;
  net::Watch writable_;
};

}  // namespace posthorn::tls::test
