// SPDX-License-Identifier: Apache-2.0
#include "common/tls/tickets.h"

#include <algorithm>
#include <cstring>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "common/base/ids.h"

namespace posthorn::tls {
namespace {
constexpr std::size_t kMostKeys = 8;
}

std::string TicketKeys::makeKey() {
  std::string key(kTicketKeyBytes, '\0');
  randomBytes(key.data(), key.size());
  return key;
}

Result<Tickets> Tickets::make(const TicketKeys& given) {
  const std::string& bytes = given.bytes;
  if (bytes.size() % kTicketKeyBytes != 0 || bytes.size() / kTicketKeyBytes > kMostKeys)
    return makeError(Errc::Invalid, "session ticket keys: not one to eight times 80 bytes");
  std::vector<Key> keys(std::max<std::size_t>(1, bytes.size() / kTicketKeyBytes));
  if (bytes.empty()) {
    randomBytes(keys.data(), sizeof(Key));
  } else {
    std::memcpy(keys.data(), bytes.data(), bytes.size());
  }
  return Tickets(std::move(keys));
}

Tickets::~Tickets() {
  if (!keys_.empty()) OPENSSL_cleanse(keys_.data(), keys_.size() * sizeof(Key));
}

bool Tickets::useMac(const Key& key, EVP_MAC_CTX* mac) {
  char digest[] = "SHA256";
  auto* secret = const_cast<unsigned char*>(key.hmac.data());
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, secret, key.hmac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
  return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

int Tickets::encrypt(unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) const {
  const Key& key = keys_.front();
  if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return -1;
  std::memcpy(name, key.name.data(), key.name.size());
  if (EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.aes.data(), iv) != 1) return -1;
  return useMac(key, mac) ? 1 : -1;
}

int Tickets::decrypt(const unsigned char* name, const unsigned char* iv, EVP_CIPHER_CTX* cipher,
                     EVP_MAC_CTX* mac) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(), [name](const Key& key) {
    return std::memcmp(key.name.data(), name, key.name.size()) == 0;
  });
  if (found == keys_.end()) return 0;
  if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nullptr, found->aes.data(), iv) != 1) return -1;
  if (!useMac(*found, mac)) return -1;
  return found == keys_.begin() ? 1 : 2;
}

}  // namespace posthorn::tls
