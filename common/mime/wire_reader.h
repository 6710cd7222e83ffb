// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// Reads the IMAP text that this room has written and a cache has kept: everything is doubted, nothing
/// allocated that is not there. After the first thing that does not fit failed() stays true. For this room
/// only.
class WireReader {
 public:
  explicit WireReader(View wire) : wire_(wire) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool atEnd() const { return at_ >= wire_.size(); }
  [[nodiscard]] char peek() const { return atEnd() ? '\0' : wire_[at_]; }
  [[nodiscard]] std::size_t position() const { return at_; }
  [[nodiscard]] View since(std::size_t position) const { return wire_.substr(position, at_ - position); }

  /// Takes `c` when it is next.
  bool take(char c);
  /// Takes `c` or fails.
  void expect(char c);
  std::optional<Bytes> nstring();
  void number();
  /// Passes one value of any kind, lists included.
  void skipValue();

 private:
  void fail() { failed_ = true; }
  std::optional<Bytes> quoted();
  std::optional<Bytes> literal();

  View wire_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

}  // namespace posthorn::mime
