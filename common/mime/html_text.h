// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// Takes the text out of HTML (UTF-8) that passes by in pieces of any size, simply and in constant memory:
/// tags, comments, style, script and head's title fall away, character references are decoded, blocks end a
/// line. Makes no claim to be a parser: what comes is for search and preview, never shown as HTML. For this
/// room only.
class HtmlText {
 public:
  enum class Values : std::uint8_t { Drop, Keep };
  /// Keep: values of href, src, alt and title are text, too.
  explicit HtmlText(Values values) : values_(values) {}

  void feed(View utf8, Bytes& out);
  void finish(Bytes& out);

 private:
  enum class State : std::uint8_t { Text, Reference, Tag, Comment, Raw };

  void text(char c, Bytes& out);
  void reference(char c, Bytes& out);
  void tag(char c, Bytes& out);
  void endTag(Bytes& out);
  void values(View attributes, Bytes& out) const;
  void raw(char c);
  void endReference(Bytes& out);

  Values values_;
  State state_ = State::Text;
  Bytes held_;     // the tag, reference or end of a comment that is being read
  Bytes rawName_;  // the element whose content is passed over
  char quote_ = '\0';
  bool tooLong_ = false;
};

}  // namespace posthorn::mime
