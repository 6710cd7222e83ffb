// SPDX-License-Identifier: Apache-2.0
#include "common/auth/cache.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/assert.h"
#include "common/base/bytes.h"
#include "common/base/ids.h"

namespace posthorn::auth {
namespace {

// Lengths before the parts, so that no two pairs make the same key.
std::string keyOf(std::string_view mechanism, std::string_view login) {
  Bytes key;
  putLe<std::uint32_t>(key, static_cast<std::uint32_t>(mechanism.size()));
  return key.append(mechanism).append(login);
}

std::string_view asView(const std::array<unsigned char, 32>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Cache::Cache(std::size_t entries, std::chrono::seconds ttl, const Clock& clock)
    : limit_(entries), ttl_(ttl), clock_(clock) {
  randomBytes(salt_.data(), salt_.size());
}

Cache::~Cache() {
  OPENSSL_cleanse(salt_.data(), salt_.size());
}

Cache::Digest Cache::digestOf(std::string_view key, const Secret& password) const {
  // HMAC of the password under a key that HMAC makes of ours and the entry's name.
  Digest entryKey{};
  Digest out{};
  unsigned length = 0;
  const auto octets = [](std::string_view v) { return reinterpret_cast<const unsigned char*>(v.data()); };
  PH_ASSERT(HMAC(EVP_sha256(), salt_.data(), static_cast<int>(salt_.size()), octets(key), key.size(),
                 entryKey.data(), &length) != nullptr);
  PH_ASSERT(HMAC(EVP_sha256(), entryKey.data(), static_cast<int>(entryKey.size()), octets(password.view()),
                 password.size(), out.data(), &length) != nullptr);
  OPENSSL_cleanse(entryKey.data(), entryKey.size());
  return out;
}

void Cache::erase(Order::iterator entry) {
  index_.erase(entry->key);
  order_.erase(entry);
}

std::optional<Account> Cache::find(std::string_view mechanism, std::string_view login, const Secret& password,
                                   std::uint64_t revision) {
  if (limit_ == 0) return std::nullopt;
  const std::string key = keyOf(mechanism, login);
  const Digest digest = digestOf(key, password);
  const Steady now = clock_.steady();
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return std::nullopt;
  const Order::iterator entry = found->second;
  if (entry->expires <= now || entry->revision != revision) {
    erase(entry);
    return std::nullopt;
  }
  if (!constantTimeEqual(asView(entry->digest), asView(digest))) return std::nullopt;
  order_.splice(order_.begin(), order_, entry);
  return entry->account;
}

void Cache::remember(std::string_view mechanism, std::string_view login, const Secret& password,
                     std::uint64_t revision, const Account& account) {
  if (limit_ == 0 || ttl_.count() == 0) return;
  Entry entry;
  entry.key = keyOf(mechanism, login);
  entry.account = account;
  entry.revision = revision;
  entry.digest = digestOf(entry.key, password);
  entry.expires = clock_.steady() + ttl_;
  const std::lock_guard<std::mutex> guard(mutex_);
  if (const auto found = index_.find(entry.key); found != index_.end()) erase(found->second);
  if (order_.size() >= limit_) erase(std::prev(order_.end()));
  order_.push_front(std::move(entry));
  index_.emplace(order_.front().key, order_.begin());
}

void Cache::flush() {
  const std::lock_guard<std::mutex> guard(mutex_);
  index_.clear();
  order_.clear();
}

std::size_t Cache::size() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return order_.size();
}

}  // namespace posthorn::auth
