// SPDX-License-Identifier: Apache-2.0
#include "common/tls/layer.h"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "common/base/ascii.h"
#include "common/base/error.h"
#include "common/tls/openssl_error.h"

namespace posthorn::tls {

namespace {

// OpenSSL judges a call by the error queue as well: what an earlier call left there must be gone.
template <typename Call>
int fresh(Call&& call) {
  ERR_clear_error();
  errno = 0;
  return call();
}

using AddressList = std::unique_ptr<STACK_OF(OPENSSL_STRING), Freer<X509_email_free>>;

// rfc822Name of subjectAltName and emailAddress of the subject, each once.
std::vector<std::string> addressesOf(SSL* ssl) {
  std::vector<std::string> found;
  const CertPtr peer(SSL_get1_peer_certificate(ssl));
  if (!peer || SSL_get_verify_result(ssl) != X509_V_OK) return found;
  const AddressList list(X509_get1_email(peer.get()));
  for (int i = 0; i < sk_OPENSSL_STRING_num(list.get()); ++i) {
    std::string address = ascii::toLower(sk_OPENSSL_STRING_value(list.get(), i));
    if (std::find(found.begin(), found.end(), address) == found.end()) found.push_back(std::move(address));
  }
  return found;
}

}  // namespace

net::SecureLayer::Outcome Layer::judge(int returned, std::size_t bytes) {
  if (returned > 0) return {.kind = Kind::Done, .bytes = bytes};
  const int number = errno;
  switch (SSL_get_error(ssl_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      return {.kind = Kind::WantRead};
    case SSL_ERROR_WANT_WRITE:
      return {.kind = Kind::WantWrite};
    case SSL_ERROR_ZERO_RETURN:
      failure_ = "closed by the peer";
      return {.kind = Kind::Eof};
    case SSL_ERROR_SYSCALL:
      failure_ = takeErrors(number == 0 ? "closed by the peer" : errnoError(number, "socket").text);
      return {.kind = number == 0 ? Kind::Eof : Kind::Failed};
    default:
      // Many clients close without close_notify: to a mail protocol, whose ends are its own, that is an end.
      if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        failure_ = takeErrors("closed by the peer");
        return {.kind = Kind::Eof};
      }
      failure_ = takeErrors("TLS failed");
      return {.kind = Kind::Failed};
  }
}

bool Layer::attach(int fd) {
  if (fresh([&] { return SSL_set_fd(ssl_.get(), fd); }) == 1) return true;
  failure_ = takeErrors("no memory");
  return false;
}

net::SecureLayer::Outcome Layer::handshake() {
  return judge(fresh([&] { return SSL_accept(ssl_.get()); }), 0);
}

net::SecureLayer::Outcome Layer::read(std::span<char> into) {
  std::size_t got = 0;
  const int returned = fresh([&] { return SSL_read_ex(ssl_.get(), into.data(), into.size(), &got); });
  return judge(returned, got);
}

net::SecureLayer::Outcome Layer::write(std::string_view bytes) {
  std::size_t sent = 0;
  const int returned = fresh([&] { return SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent); });
  return judge(returned, sent);
}

net::SecureLayer::Outcome Layer::shutdown() {
  const int returned = fresh([&] { return SSL_shutdown(ssl_.get()); });
  // 0: ours is sent and the peer's has not come.
  if (returned >= 0) return {.kind = Kind::Done};
  return judge(returned, 0);
}

bool Layer::hasBuffered() const {
  return SSL_pending(ssl_.get()) > 0;
}

net::SecureInfo Layer::info() const {
  net::SecureInfo info;
  info.protocol = SSL_get_version(ssl_.get());
  info.cipher = SSL_get_cipher_name(ssl_.get());
  info.bits = SSL_get_cipher_bits(ssl_.get(), nullptr);
  info.resumed = SSL_session_reused(ssl_.get()) == 1;
  if (const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name))
    info.serverName = ascii::printable(name, 255);
  const unsigned char* alpn = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_.get(), &alpn, &length);
  if (length > 0) info.alpn.assign(reinterpret_cast<const char*>(alpn), length);
  if (SSL_is_server(ssl_.get()) == 1) info.peerAddresses = addressesOf(ssl_.get());
  return info;
}

}  // namespace posthorn::tls
