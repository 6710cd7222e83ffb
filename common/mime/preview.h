// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "common/base/bytes.h"
#include "common/mime/limits.h"

namespace posthorn::mime {

/// Gathers PREVIEW (RFC 8970) out of a text part's decoded text: blanks and line ends become one blank,
/// quoted lines
/// ("> ") and what stands for objects are left out, at most kPreviewCharacters characters. Constant memory.
class PreviewText {
 public:
  void feed(View utf8);
  [[nodiscard]] bool full() const { return characters_ >= kPreviewCharacters; }
  [[nodiscard]] Bytes take();

 private:
  void character(View one);

  Bytes text_;
  Bytes quoted_;  // used when nothing but quoted text is there
  Bytes cut_;     // the beginning of a character
  std::size_t characters_ = 0;
  std::size_t quotedCharacters_ = 0;
  bool lineStart_ = true;
  bool inQuote_ = false;
  bool blank_ = false;
};

}  // namespace posthorn::mime
