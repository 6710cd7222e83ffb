// SPDX-License-Identifier: Apache-2.0
#include "common/auth/throttle.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/assert.h"
#include "common/base/bytes.h"
#include "common/stats/scoreboard.h"

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

constexpr unsigned kWaitingBits = 8;
constexpr std::uint64_t kWaitingMask = (std::uint64_t{1} << kWaitingBits) - 1;
static_assert(Throttle::kMaxWaiting < kWaitingMask);

/// One attempt that is not judged yet.
class Turn {
 public:
  Turn(std::shared_ptr<stats::FailureTable> table, stats::FailureEntry& entry, std::uint64_t address,
       Steady now)
      : table_(std::move(table)),
        entry_(entry),
        address_(address),
        begun_(stats::FailureTable::begin(entry, now)) {}
  ~Turn() { stats::FailureTable::end(entry_, address_, begun_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::shared_ptr<stats::FailureTable> table_;  // keeps the entry's memory
  stats::FailureEntry& entry_;
  std::uint64_t address_;
  std::uint64_t begun_;
};

// One household or server has a whole /64 of IPv6 to itself.
std::string keyOf(const std::optional<Raw>& raw, std::string_view text) {
  constexpr std::size_t kLongestText = 64;
  if (!raw) return "?" + std::string(text.substr(0, kLongestText));
  return {reinterpret_cast<const char*>(raw->data()), isMapped(*raw) ? raw->size() : raw->size() / 2};
}

}  // namespace

Throttle::Throttle(const std::vector<std::string>& trusted, const Clock& clock,
                   std::shared_ptr<stats::FailureTable> table)
    : clock_(clock), table_(std::move(table)), salt_(table_->markSecret()) {
  // The configuration has checked the syntax; what is not a network exempts nobody.
  for (const std::string& text : trusted)
    if (const auto network = config::parseNetwork(text)) trusted_.push_back(*network);
}

Throttle::Throttle(const std::vector<std::string>& trusted, const Clock& clock, std::size_t maxAddresses)
    : Throttle(trusted, clock, stats::FailureTable::privateToProcess(maxAddresses)) {}

Throttle::~Throttle() {
  OPENSSL_cleanse(salt_.data(), salt_.size());
}

void Throttle::setDelays(std::chrono::milliseconds first, std::chrono::milliseconds longest) {
  first_ = first;
  longest_ = longest;
}

bool Throttle::trusted(const Raw& raw) const {
  return std::any_of(trusted_.begin(), trusted_.end(),
                     [&](const config::Network& network) { return network.contains(raw); });
}

std::uint64_t Throttle::markOf(std::string_view login, const Secret& password) const {
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
  std::uint64_t mark = 0;
  std::memcpy(&mark, digest.data(), sizeof mark);
  return std::max<std::uint64_t>(mark, 1);
}

std::chrono::milliseconds Throttle::penalty(unsigned failures) const {
  const auto longest = longest_.load();
  auto delay = first_.load();
  for (unsigned i = 1; i < failures && delay < longest; ++i) delay *= 2;
  return std::min(delay, longest);
}

Steady Throttle::endOf(std::uint64_t term, Steady now) const {
  using std::chrono::milliseconds;
  const auto most = std::chrono::ceil<milliseconds>(now.time_since_epoch()) + longest_.load();
  return Steady{std::min(milliseconds(term >> kWaitingBits), most)};
}

Throttle::Admission Throttle::admit(std::string_view address) {
  const Steady now = clock_.steady();
  std::uint64_t key = 0;
  stats::FailureEntry* const entry = entryOf(address, key, now);
  if (entry == nullptr) return {};
  const std::size_t before = stats::FailureTable::running(*entry, now);
  const auto distance = kDistance * static_cast<long>(before / 2);
  std::uint64_t term = entry->term.load();
  while (now < endOf(term, now)) {
    if ((term & kWaitingMask) >= kMaxWaiting) return {.refused = true};
    if (!entry->term.compare_exchange_weak(term, term + 1)) continue;
    // Rounded up: a wait that ends a moment early would find the penalty still on.
    return {.wait = std::chrono::ceil<std::chrono::milliseconds>(endOf(term, now) - now) + distance,
            .turn = std::make_shared<const Turn>(table_, *entry, key, now)};
  }
  if (before >= kMaxUnjudged) return {.refused = true};
  return {.wait = distance, .turn = std::make_shared<const Turn>(table_, *entry, key, now)};
}

stats::FailureEntry* Throttle::entryOf(std::string_view address, std::uint64_t& key, Steady now) const {
  if (first_.load().count() == 0) return nullptr;
  const auto raw = rawOf(address);
  if (raw && trusted(*raw)) return nullptr;
  key = table_->hash(keyOf(raw, address));
  return table_->find(key, now, kForget);
}

Throttle::Admission Throttle::admit(std::string_view address, std::string_view login,
                                    const Secret& password) {
  std::uint64_t key = 0;
  const bool slow = entryOf(address, key, clock_.steady()) != nullptr;
  return slow && !table_->knows(markOf(login, password)) ? admit(address) : Admission();
}

void Throttle::passed(std::string_view login, const Secret& password) {
  table_->remember(markOf(login, password));
}

void Throttle::extend(stats::FailureEntry& entry, Steady now, std::chrono::milliseconds delay) const {
  const Steady end{std::chrono::ceil<std::chrono::milliseconds>((now + delay).time_since_epoch())};
  std::uint64_t before = entry.term.load();
  std::uint64_t after = 0;
  do {
    const Steady old = endOf(before, now);
    // A new term has room for waiting anew.
    const std::uint64_t waiting = old <= now ? 0 : before & kWaitingMask;
    after = stats::toMillis(std::max(old, end)) << kWaitingBits | waiting;
  } while (!entry.term.compare_exchange_weak(before, after));
}

std::chrono::milliseconds Throttle::failed(std::string_view address, std::string_view login,
                                           const Secret& password) {
  if (first_.load().count() == 0) return {};
  const auto raw = rawOf(address);
  if (raw && trusted(*raw)) return {};
  const std::uint64_t mark = markOf(login, password);
  const Steady now = clock_.steady();
  stats::FailureEntry* const entry = table_->touch(table_->hash(keyOf(raw, address)), now, kForget);
  if (entry == nullptr) return longest_;
  const bool repeated = std::any_of(entry->marks.begin(), entry->marks.end(),
                                    [&](const stats::Word& seen) { return seen.load() == mark; });
  if (!repeated) {
    entry->marks[entry->marked.fetch_add(1) % entry->marks.size()].store(mark);
    entry->failures.fetch_add(1);
  }
  const auto delay = penalty(entry->failures.load());
  extend(*entry, now, delay);
  return delay;
}

std::size_t Throttle::addresses() const {
  return table_->count(clock_.steady(), kForget);
}

}  // namespace posthorn::auth
