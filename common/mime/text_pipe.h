// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "common/base/bytes.h"
#include "common/mime/charset.h"
#include "common/mime/decode.h"
#include "common/mime/html_text.h"
#include "common/mime/structure.h"

namespace posthorn::mime {

/// From the body of one text part as stored to its text in UTF-8: transfer encoding, charset, HTML. For this
/// room only.
class TextPipe {
 public:
  TextPipe(const PartNode& node, const PartHead& head, HtmlText::Values values);

  void feed(View octets, Bytes& out);
  void finish(Bytes& out);

 private:
  void pass(View utf8, Bytes& out);

  TransferDecoder transfer_;
  CharsetDecoder charset_;
  std::optional<HtmlText> html_;
  Bytes octets_;
  Bytes characters_;
};

}  // namespace posthorn::mime
