// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/mime/outline.h"

namespace posthorn::mime {

/// Undoes a Content-Transfer-Encoding, in pieces of any size and constant memory. Reads what is broken as
/// most clients do (RFC 2045 6.7, 6.8): octets outside the alphabet are skipped, a wrong "=" stays. Identity
/// and Unknown pass everything on. One thread.
class TransferDecoder {
 public:
  explicit TransferDecoder(Encoding encoding) : encoding_(encoding) {}
  /// Appends the decoded octets to `out`: never more than `octets` and what was held back.
  void feed(View octets, Bytes& out);
  void finish(Bytes& out);
  /// Something was not as the encoding demands (BINARY answers UNKNOWN-CTE only for Encoding::Unknown).
  [[nodiscard]] bool damaged() const { return damaged_; }

 private:
  enum class Quoted : std::uint8_t { Text, Blanks, Escape, EscapeDigit, SoftEnd };

  void feedBase64(View octets, Bytes& out);
  void feedQuoted(View octets, Bytes& out);
  bool quotedOctet(char c, Bytes& out);
  bool hold(char c, Quoted next);
  bool release(bool damage, Bytes& out);

  Encoding encoding_;
  Quoted quoted_ = Quoted::Text;
  std::uint32_t bits_ = 0;
  unsigned digits_ = 0;  // base64: how many of four are in bits_
  bool padded_ = false;
  bool damaged_ = false;
  Bytes held_;  // quoted-printable: what may yet be padding, an escape or a soft line end
};

}  // namespace posthorn::mime
