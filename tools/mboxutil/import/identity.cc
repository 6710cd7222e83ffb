// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "common/base/assert.h"
#include "tools/mboxutil/import/source.h"

namespace posthorn::migrate {

struct Digest::State {
  EVP_MD_CTX* context = ::EVP_MD_CTX_new();
};

Digest::Digest() : state_(std::make_unique<State>()) {
  PH_ASSERT(state_->context != nullptr && ::EVP_DigestInit_ex(state_->context, ::EVP_sha256(), nullptr) == 1);
}

Digest::~Digest() {
  ::EVP_MD_CTX_free(state_->context);
}

Digest& Digest::part(View text) {
  Bytes length;
  putLe(length, static_cast<std::uint64_t>(text.size()));
  return piece(text).piece(length);
}

Digest& Digest::piece(View text) {
  PH_ASSERT(::EVP_DigestUpdate(state_->context, text.data(), text.size()) == 1);
  return *this;
}

Id128 Digest::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  PH_ASSERT(::EVP_DigestFinal_ex(state_->context, digest.data(), nullptr) == 1);
  Id128 id;
  std::copy_n(digest.begin(), id.raw.size(), id.raw.begin());
  return id;
}

}  // namespace posthorn::migrate
