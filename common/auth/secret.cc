// SPDX-License-Identifier: Apache-2.0
#include "common/auth/secret.h"

#include <openssl/crypto.h>

namespace posthorn::auth {

void wipe(std::string& text) noexcept {
  // Growing to the capacity moves nothing, and makes the octets behind the end ours to overwrite.
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(text_);
    text_.swap(other.text_);
  }
  return *this;
}

}  // namespace posthorn::auth
