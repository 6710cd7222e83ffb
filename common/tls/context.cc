// SPDX-License-Identifier: Apache-2.0
#include "common/tls/context.h"

#include <algorithm>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "common/base/ascii.h"
#include "common/base/bytes.h"
#include "common/base/ids.h"
#include "common/tls/certificate.h"
#include "common/tls/layer.h"
#include "common/tls/openssl_error.h"
#include "common/tls/openssl_ptr.h"
#include "common/tls/tickets.h"

namespace posthorn::tls {
namespace {

constexpr std::size_t kMostIdentities = 1000;
constexpr std::string_view kSessionScope = "posthorn";  // one name: tickets are bound by their keys
// No export, no static RSA, no CBC: what mail clients of the last ten years speak (Mozilla "intermediate").
constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20:!aNULL:!aPSK";

std::vector<unsigned char> wireAlpn(const std::vector<std::string>& names) {
  std::vector<unsigned char> wire;
  for (const std::string& name : names) {
    if (name.empty() || name.size() > 255) continue;
    wire.push_back(static_cast<unsigned char>(name.size()));
    wire.insert(wire.end(), name.begin(), name.end());
  }
  return wire;
}

bool sameNames(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

// A ticket carries the client's certificate along: one that was judged by other authorities must not count.
std::string scopeOf(const Settings& settings) {
  std::string scope(kSessionScope);
  if (!settings.clientCaPem.empty()) putBe(scope, stableHash(settings.clientCaPem));
  return scope;
}

Status askClients(SSL_CTX& context, const std::string& pem) {
  X509_STORE* store = SSL_CTX_get_cert_store(&context);
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::size_t count = 0;
  while (bio) {
    const CertPtr authority(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!authority) break;
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        SSL_CTX_add_client_CA(&context, authority.get()) != 1)
      return makeError(Errc::Invalid, "authority of clients: " + takeErrors("unknown"));
    ++count;
  }
  ERR_clear_error();
  if (count == 0) return makeError(Errc::Invalid, "no certificate of an authority for clients");
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_purpose(&context, X509_PURPOSE_SSL_CLIENT);
  return okStatus();
}

}  // namespace

/// What the callbacks need; outlives every connection that was made from it.
struct Context::Inner {
  explicit Inner(Tickets keys) : tickets(std::move(keys)) {}

  /// One SSL_CTX for each set of names; an RSA and an ECDSA certificate of the same names share one.
  struct Host {
    std::vector<std::string> names;
    std::vector<int> keyTypes;
    ContextPtr context;
  };
  std::vector<Host> hosts;
  std::vector<unsigned char> alpn;
  Tickets tickets;

  Status add(const Identity& identity, const Settings& settings);
  Status configure(SSL_CTX& context, const Settings& settings);
  [[nodiscard]] const Host* find(std::string_view host) const;

  static const Inner& of(SSL* ssl) {
    return *static_cast<const Inner*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  }
  static int onServerName(SSL* ssl, int* alert, void* self);
  static int onAlpn(SSL* ssl, const unsigned char** out, unsigned char* outLength, const unsigned char* in,
                    unsigned inLength, void* self);
  static int onTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                      EVP_MAC_CTX* mac, int encrypt);
};

Status Context::Inner::configure(SSL_CTX& context, const Settings& settings) {
  const int least = settings.minVersion == MinVersion::Tls13 ? TLS1_3_VERSION : TLS1_2_VERSION;
  SSL_CTX_set_options(&context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(&context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Tickets alone carry sessions: a cache could not be shared by the workers.
  SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_app_data(&context, this);
  SSL_CTX_set_tlsext_servername_callback(&context, &Inner::onServerName);
  SSL_CTX_set_tlsext_servername_arg(&context, this);
  SSL_CTX_set_dh_auto(&context, 1);
  if (!alpn.empty()) SSL_CTX_set_alpn_select_cb(&context, &Inner::onAlpn, this);
  if (!settings.clientCaPem.empty()) PH_CHECK(askClients(context, settings.clientCaPem));
  const std::string scopeText = scopeOf(settings);
  const auto* scope = reinterpret_cast<const unsigned char*>(scopeText.data());
  const bool ok =
      SSL_CTX_set_min_proto_version(&context, least) == 1 &&
      SSL_CTX_set_cipher_list(&context, kCiphers12) == 1 &&
      SSL_CTX_set_session_id_context(&context, scope, static_cast<unsigned>(scopeText.size())) == 1 &&
      SSL_CTX_set_tlsext_ticket_key_evp_cb(&context, &Inner::onTicket) == 1;
  if (!ok) return makeError(Errc::Internal, "OpenSSL refuses our settings: " + takeErrors("unknown"));
  return okStatus();
}

Status Context::Inner::add(const Identity& identity, const Settings& settings) {
  PH_TRY(Certificate certificate, parseCertificate(identity));
  const int type = EVP_PKEY_get_base_id(certificate.key.get());
  auto host = std::find_if(hosts.begin(), hosts.end(), [&](const Host& h) {
    return sameNames(h.names, certificate.names) &&
           std::find(h.keyTypes.begin(), h.keyTypes.end(), type) == h.keyTypes.end();
  });
  if (host == hosts.end()) {
    ContextPtr context(SSL_CTX_new(TLS_server_method()));
    if (!context) return makeError(Errc::Internal, "OpenSSL: " + takeErrors("no memory"));
    PH_CHECK(configure(*context, settings));
    hosts.push_back({.names = certificate.names, .keyTypes = {}, .context = std::move(context)});
    host = hosts.end() - 1;
  }
  std::vector<X509*> raw;
  for (const CertPtr& link : certificate.chain) raw.push_back(link.get());
  STACK_OF(X509)* chain = sk_X509_new_null();
  for (X509* link : raw) sk_X509_push(chain, link);
  const int used =
      SSL_CTX_use_cert_and_key(host->context.get(), certificate.leaf.get(), certificate.key.get(), chain, 1);
  sk_X509_free(chain);
  if (used != 1)
    return makeError(Errc::Invalid,
                     "certificate " + identity.name + " cannot be used: " + takeErrors("unknown"));
  host->keyTypes.push_back(type);
  return okStatus();
}

const Context::Inner::Host* Context::Inner::find(std::string_view wanted) const {
  // An exact name goes before a wildcard, then the order of configuration.
  for (const bool exact : {true, false})
    for (const Host& host : hosts)
      for (const std::string& name : host.names)
        if (exact == !name.starts_with("*.") && nameFits(name, wanted)) return &host;
  return nullptr;
}

int Context::Inner::onServerName(SSL* ssl, int* /*alert*/, void* self) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  const auto* inner = static_cast<const Inner*>(self);
  std::string wanted = ascii::toLower(name);
  if (wanted.ends_with('.')) wanted.pop_back();
  const Host* host = inner->find(wanted);
  // Unknown names get the default certificate: the client judges it.
  if (host != nullptr) SSL_set_SSL_CTX(ssl, host->context.get());
  return SSL_TLSEXT_ERR_OK;
}

int Context::Inner::onAlpn(SSL* /*ssl*/, const unsigned char** out, unsigned char* outLength,
                           const unsigned char* in, unsigned inLength, void* self) {
  const auto& alpn = static_cast<const Inner*>(self)->alpn;
  unsigned char* selected = nullptr;
  const int found = SSL_select_next_proto(&selected, outLength, alpn.data(),
                                          static_cast<unsigned>(alpn.size()), in, inLength);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

int Context::Inner::onTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                             EVP_MAC_CTX* mac, int encrypt) {
  const Tickets& tickets = of(ssl).tickets;
  return encrypt == 1 ? tickets.encrypt(name, iv, cipher, mac) : tickets.decrypt(name, iv, cipher, mac);
}

Result<MinVersion> parseMinVersion(std::string_view text) {
  if (text == "1.2") return MinVersion::Tls12;
  if (text == "1.3") return MinVersion::Tls13;
  return makeError(Errc::Invalid, "no TLS version that is offered: " + ascii::printable(text, 20));
}

Context::Context(std::shared_ptr<Inner> inner) : inner_(std::move(inner)) {}
Context::~Context() = default;

Result<std::shared_ptr<const Context>> Context::make(const Settings& settings) {
  if (settings.identities.empty()) return makeError(Errc::Invalid, "TLS needs a certificate");
  if (settings.identities.size() > kMostIdentities)
    return makeError(Errc::Limit, "more than 1000 certificates");
  PH_TRY(Tickets tickets, Tickets::make(settings.ticketKeys));
  auto inner = std::make_shared<Inner>(std::move(tickets));
  inner->alpn = wireAlpn(settings.alpn);
  for (const Identity& identity : settings.identities) PH_CHECK(inner->add(identity, settings));
  return std::shared_ptr<const Context>(new Context(std::move(inner)));
}

std::unique_ptr<net::SecureLayer> Context::newLayer() const {
  SslPtr ssl(SSL_new(inner_->hosts.front().context.get()));
  if (!ssl) {
    ERR_clear_error();
    return nullptr;
  }
  return std::make_unique<Layer>(std::move(ssl), inner_);
}

std::vector<std::string> Context::names() const {
  std::vector<std::string> all;
  for (const auto& host : inner_->hosts) all.insert(all.end(), host.names.begin(), host.names.end());
  return all;
}

}  // namespace posthorn::tls
