// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mshttpd/jmap/written_part.h"

namespace posthorn::mshttpd::jmap {

/// A text part as it is sent.
struct CodedText {
  std::string_view encoding;  ///< "7bit", "quoted-printable", "base64"
  bool ascii = false;         ///< else UTF-8
  Bytes text;
};
/// Whatever ends a line in `utf8` becomes CRLF. 7bit where the text can stand as it is, else what is shorter.
CodedText codeText(std::string_view utf8);

/// How a blob is sent.
struct CodedBlob {
  std::string type;  ///< what it must be called to be sent like this
  std::string_view encoding;
  Piece::Coding coding = Piece::Coding::Base64;
  std::uint64_t octets = 0;
  bool eightBit = false;
};
/// Base64, so that every octet comes back. An attached message must not be encoded (RFC 2046 5.2.1): it goes
/// as it is, with canonical lines, in 7 or 8 bit; one that cannot is an application/octet-stream. Blocks on
/// the blob.
Result<CodedBlob> codeBlob(const BlobFile& blob, const std::string& type);

}  // namespace posthorn::mshttpd::jmap
