// SPDX-License-Identifier: Apache-2.0
#include "common/base/ids.h"

#include <cerrno>

#include <openssl/crypto.h>
#include <sys/random.h>

#include "common/base/assert.h"

namespace posthorn {

namespace {
constexpr char kHex[] = "0123456789abcdef";
int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}
}  // namespace

void randomBytes(void* out, std::size_t size) {
  auto* at = static_cast<char*>(out);
  while (size > 0) {
    const ssize_t got = ::getrandom(at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    PH_ASSERT(got > 0);
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

Id128 Id128::random() {
  Id128 id;
  randomBytes(id.raw.data(), id.raw.size());
  return id;
}

std::string Id128::hex() const {
  return toHex(view());
}

std::optional<Id128> Id128::fromHex(std::string_view text) {
  Id128 id;
  if (text.size() != 2 * id.raw.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.raw.size(); ++i) {
    const int high = digit(text[2 * i]);
    const int low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.raw[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return id;
}

std::string toHex(std::string_view bytes) {
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

std::uint64_t stableHash(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93ULL;
  return hash ^ (hash >> 32);
}

bool constantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace posthorn
