// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// Whether ICU (or we) can turn this charset into UTF-8: what SEARCH CHARSET is answered by.
bool knownCharset(View name);

/// Turns text of a charset into UTF-8, in pieces of any size. Octets that the charset does not have become
/// U+FFFD. An unknown charset passes its octets on as they are and says so. Empty or us-ascii text with 8-bit
/// octets is read as UTF-8 where it is well-formed, else as windows-1252. One thread.
class CharsetDecoder {
 public:
  explicit CharsetDecoder(View name);
  ~CharsetDecoder();
  CharsetDecoder(CharsetDecoder&&) noexcept;
  CharsetDecoder& operator=(CharsetDecoder&&) noexcept;

  [[nodiscard]] bool known() const;
  void feed(View octets, Bytes& out);
  void finish(Bytes& out);

 private:
  class Converter;
  std::unique_ptr<Converter> converter_;
};

/// The whole of `octets` in UTF-8; as it is when the charset is unknown.
Bytes toUtf8(View octets, View charset);

}  // namespace posthorn::mime
