// SPDX-License-Identifier: Apache-2.0
#include "common/auth/throttle.h"

#include <algorithm>
#include <optional>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/assert.h"
#include "common/base/bytes.h"
#include "common/base/ids.h"

namespace posthorn::auth {
namespace {

using Raw = std::array<std::uint8_t, 16>;

/// Attempts of an address with failures that are not judged yet: two at once, the next two so much later, and
/// so on; no more than kMaxUnjudged.
constexpr std::chrono::milliseconds kDistance{1000};
constexpr std::size_t kMaxUnjudged = 40;

bool isMapped(const Raw& raw) {
  constexpr Raw kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return std::equal(kMapped.begin(), kMapped.begin() + 12, raw.begin());
}

// Without a scope id, which is ours and not the client's.
std::optional<Raw> rawOf(std::string_view address) {
  return config::parseAddress(address.substr(0, address.find('%')));
}

// One household or server has a whole /64 of IPv6 to itself.
std::string keyOf(const std::optional<Raw>& raw, std::string_view text) {
  constexpr std::size_t kLongestText = 64;
  if (!raw) return "?" + std::string(text.substr(0, kLongestText));
  return {reinterpret_cast<const char*>(raw->data()), isMapped(*raw) ? raw->size() : raw->size() / 2};
}

}  // namespace

Throttle::Throttle(const std::vector<std::string>& trusted, const Clock& clock, std::size_t maxAddresses)
    : clock_(clock), limit_(std::max<std::size_t>(1, maxAddresses)) {
  randomBytes(salt_.data(), salt_.size());
  // The configuration has checked the syntax; what is not a network exempts nobody.
  for (const std::string& text : trusted)
    if (const auto network = config::parseNetwork(text)) trusted_.push_back(*network);
}

Throttle::~Throttle() {
  OPENSSL_cleanse(salt_.data(), salt_.size());
}

void Throttle::setDelays(std::chrono::milliseconds first, std::chrono::milliseconds longest) {
  const std::lock_guard<std::mutex> guard(mutex_);
  first_ = first;
  longest_ = longest;
}

bool Throttle::trusted(const Raw& raw) const {
  return std::any_of(trusted_.begin(), trusted_.end(),
                     [&](const config::Network& network) { return network.contains(raw); });
}

Throttle::Mark Throttle::markOf(std::string_view login, const Secret& password) const {
  Bytes text;
  text.reserve(4 + login.size() + password.size());
  putLe<std::uint32_t>(text, static_cast<std::uint32_t>(login.size()));
  text.append(login).append(password.view());
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  PH_ASSERT(HMAC(EVP_sha256(), salt_.data(), static_cast<int>(salt_.size()),
                 reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(),
                 &length) != nullptr);
  wipe(text);
  Mark mark{};
  std::copy_n(digest.begin(), mark.size(), mark.begin());
  return mark;
}

std::chrono::milliseconds Throttle::penalty(unsigned failures) const {
  auto delay = first_;
  for (unsigned i = 1; i < failures && delay < longest_; ++i) delay *= 2;
  return std::min(delay, longest_);
}

void Throttle::drop(Order::iterator record) {
  index_.erase(record->key);
  order_.erase(record);
}

Throttle::Record& Throttle::touch(const std::string& key, Steady now) {
  while (!order_.empty() && order_.back().lastSeen + kForget <= now) drop(std::prev(order_.end()));
  if (const auto found = index_.find(key); found != index_.end()) {
    order_.splice(order_.begin(), order_, found->second);
  } else {
    if (order_.size() >= limit_) drop(std::prev(order_.end()));
    order_.emplace_front();
    order_.front().key = key;
    index_.emplace(order_.front().key, order_.begin());
  }
  order_.front().lastSeen = now;
  return order_.front();
}

Throttle::Admission Throttle::admit(std::string_view address) {
  const auto raw = rawOf(address);
  if (raw && trusted(*raw)) return {};
  const std::string key = keyOf(raw, address);
  const Steady now = clock_.steady();
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto found = index_.find(key);
  if (found == index_.end()) return {};
  Record& record = *found->second;
  if (!record.turns) record.turns = std::make_shared<const char>();
  const auto before = static_cast<std::size_t>(record.turns.use_count() - 1);
  const auto distance = kDistance * static_cast<long>(before / 2);
  if (record.until <= now) {
    if (before >= kMaxUnjudged) return {.refused = true};
    return {.wait = distance, .turn = record.turns};
  }
  if (record.waiting >= kMaxWaiting) return {.refused = true};
  ++record.waiting;
  // Rounded up: a wait that ends a moment early would find the penalty still on.
  return {.wait = std::chrono::ceil<std::chrono::milliseconds>(record.until - now) + distance,
          .turn = record.turns};
}

std::chrono::milliseconds Throttle::failed(std::string_view address, std::string_view login,
                                           const Secret& password) {
  const auto raw = rawOf(address);
  if (raw && trusted(*raw)) return {};
  const std::string key = keyOf(raw, address);
  const Mark mark = markOf(login, password);
  const Steady now = clock_.steady();
  const std::lock_guard<std::mutex> guard(mutex_);
  if (first_.count() == 0) return {};
  Record& record = touch(key, now);
  const auto end =
      record.seen.begin() + static_cast<std::ptrdiff_t>(std::min(record.seenCount, record.seen.size()));
  const bool repeated = std::any_of(record.seen.begin(), end, [&](const Mark& seen) {
    return CRYPTO_memcmp(seen.data(), mark.data(), mark.size()) == 0;
  });
  if (!repeated) {
    record.seen[record.seenCount++ % record.seen.size()] = mark;
    ++record.failures;
  }
  const auto delay = penalty(record.failures);
  if (record.until <= now) record.waiting = 0;
  record.until = std::max(record.until, now + delay);
  return delay;
}

std::size_t Throttle::addresses() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return order_.size();
}

}  // namespace posthorn::auth
