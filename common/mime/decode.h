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
  void feedBase64(View octets, Bytes& out);
  void feedQuoted(View octets, Bytes& out);
  void endBlanks(Bytes& out);
  void quotedOctet(char c, Bytes& out);

  Encoding encoding_;
  std::uint32_t bits_ = 0;
  unsigned held_ = 0;  // base64: characters in bits_
  bool padded_ = false;
  bool damaged_ = false;
  Bytes blanks_;  // quoted-printable: blanks, "=" and "=X" that may yet end the line
};

}  // namespace posthorn::mime
