// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/ssl.h>

#include "common/base/result.h"
#include "common/tls/context.h"

namespace posthorn::tls {

/// The keys of session tickets (RFC 5077): the first encrypts, all decrypt; a ticket under an older key is
/// accepted and renewed. Constant after construction; wiped at its end.
class Tickets {
 public:
  /// Errc::Invalid unless `keys` is empty or a multiple of kTicketKeyBytes, at most 8 of them.
  static Result<Tickets> make(const TicketKeys& keys);
  Tickets(Tickets&&) = default;
  Tickets& operator=(Tickets&&) = default;
  Tickets(const Tickets&) = delete;
  Tickets& operator=(const Tickets&) = delete;
  ~Tickets();

  /// OpenSSL's callback asks these. 1: go on, 2: go on and renew, 0: no such key, -1: failure.
  int encrypt(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) const;
  int decrypt(const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
              EVP_MAC_CTX* mac) const;

 private:
  struct Key {
    std::array<unsigned char, 16> name;
    std::array<unsigned char, 32> aes;
    std::array<unsigned char, 32> hmac;
  };
  static_assert(sizeof(Key) == kTicketKeyBytes);
  explicit Tickets(std::vector<Key> keys) : keys_(std::move(keys)) {}
  static bool useMac(const Key& key, EVP_MAC_CTX* mac);

  std::vector<Key> keys_;
};

}  // namespace posthorn::tls
