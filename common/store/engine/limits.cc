// SPDX-License-Identifier: Apache-2.0
#include "common/store/engine/limits.h"

#include "common/store/engine/engine.h"

namespace posthorn::store {

// What a row costs in a log record beside its bytes.
static constexpr std::size_t kRowOverhead = 16;

Status checkKey(View key) {
  if (key.empty()) return makeError(Errc::Invalid, "store: empty key");
  if (key.size() > kMaxKey) return makeError(Errc::TooBig, "store: key too long");
  return {};
}

Status checkAccount(View account) {
  if (account.empty() || account.size() > 255 || account.find('\0') != View::npos)
    return makeError(Errc::Invalid, "store: an account's name has 1 to 255 bytes and no NUL");
  return {};
}

Status BatchLimits::grow(std::size_t bytes) {
  bytes_ += bytes + kRowOverhead;
  if (bytes_ > kMaxBatch) return makeError(Errc::Limit, "store: batch too large");
  return {};
}

Status BatchLimits::put(View key, View value) {
  PH_CHECK(checkKey(key));
  if (value.size() > kMaxValue) return makeError(Errc::TooBig, "store: value too long");
  return grow(key.size() + value.size());
}

Status BatchLimits::erase(View key) {
  PH_CHECK(checkKey(key));
  return grow(key.size());
}

Status BatchLimits::eraseRange(View from, View to) {
  if (from.size() > kMaxKey || to.size() > kMaxKey) return makeError(Errc::TooBig, "store: key too long");
  return grow(from.size() + to.size());
}

Status BatchLimits::erased(std::size_t rows) {
  erased_ += rows;
  if (erased_ > kMaxErased) return makeError(Errc::Limit, "store: a batch erases too many rows");
  return {};
}

}  // namespace posthorn::store
