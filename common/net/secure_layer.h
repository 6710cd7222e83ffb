// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace posthorn::net {

/// What was agreed in a handshake.
struct SecureInfo {
  std::string protocol;  ///< "TLSv1.3"
  std::string cipher;    ///< "TLS_AES_256_GCM_SHA384"
  int bits = 0;          ///< strength of the cipher, for plaintextmincipher
  std::string
      serverName;    ///< what the client asked for by SNI, checked to be printable; empty when it did not
  std::string alpn;  ///< the protocol agreed by ALPN; empty when the client did not ask
  bool resumed = false;
  /// The e-mail addresses (lower case) in the certificate that the client has shown and that is trusted for
  /// clients; none without one.
  std::vector<std::string> peerAddresses;
};

/// What a Stream needs of a TLS library: the server's side of one TLS connection on one non-blocking socket.
/// Never throws, never blocks. Owned by its Stream; loop thread. common/tls implements it.
class SecureLayer {
 public:
  enum class Kind : std::uint8_t {
    Done,       ///< `bytes` were read or written (handshake, shutdown: finished)
    WantRead,   ///< call again with the same arguments when the socket is readable
    WantWrite,  ///< ... when it is writable
    Eof,        ///< the peer said goodbye properly, or closed the socket
    Failed,     ///< see failure(); nothing but destruction may follow
  };
  struct Outcome {
    Kind kind = Kind::Failed;
    std::size_t bytes = 0;
  };

  virtual ~SecureLayer() = default;
  /// The socket, once, before everything else; it stays the caller's.
  virtual bool attach(int fd) = 0;
  virtual Outcome handshake() = 0;
  virtual Outcome read(std::span<char> into) = 0;
  /// May take a part. After WantRead or WantWrite the same bytes (at whatever place) must be offered again.
  virtual Outcome write(std::string_view bytes) = 0;
  /// Sends close_notify; does not wait for the peer's.
  virtual Outcome shutdown() = 0;
  /// Bytes that read() can give without the socket.
  [[nodiscard]] virtual bool hasBuffered() const = 0;
  /// After the handshake.
  [[nodiscard]] virtual SecureInfo info() const = 0;
  /// Why the last call failed, readable.
  [[nodiscard]] virtual std::string failure() const = 0;
};

}  // namespace posthorn::net
