// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>

#include "common/base/bytes.h"
#include "common/base/ids.h"

namespace posthorn::store {

/// Reads little-endian fields one after the other. Past the end everything is 0 and ok() is false.
class FieldReader {
 public:
  explicit FieldReader(View in) : in_(in) {}

  template <std::unsigned_integral T>
  T get() {
    if (in_.size() - at_ < sizeof(T)) return fail<T>();
    const T value = getLe<T>(in_, at_);
    at_ += sizeof(T);
    return value;
  }
  Id128 id() {
    Id128 id;
    const View raw = bytes(id.raw.size());
    if (raw.size() == id.raw.size()) std::memcpy(id.raw.data(), raw.data(), raw.size());
    return id;
  }
  View bytes(std::size_t size) {
    if (in_.size() - at_ < size) {
      ok_ = false;
      at_ = in_.size();
      return {};
    }
    at_ += size;
    return in_.substr(at_ - size, size);
  }
  void skip(std::size_t size) { bytes(size); }
  [[nodiscard]] bool ok() const { return ok_; }
  /// Everything was read, nothing was missing.
  [[nodiscard]] bool done() const { return ok_ && at_ == in_.size(); }
  [[nodiscard]] bool atEnd() const { return at_ == in_.size(); }

 private:
  template <typename T>
  T fail() {
    ok_ = false;
    at_ = in_.size();
    return T{};
  }

  View in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

}  // namespace posthorn::store
