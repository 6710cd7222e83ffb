// SPDX-License-Identifier: Apache-2.0
#include "common/mime/subject.h"

#include "common/base/ascii.h"
#include "common/mime/words.h"

namespace posthorn::mime {

namespace {

View trimBlanks(View text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool startsWithNoCase(View text, View prefix) {
  return ascii::equal(text.substr(0, prefix.size()), prefix);
}

/// subj-blob = "[" *BLOBCHAR "]" *WSP; its length, 0 when there is none.
std::size_t blobLength(View text) {
  if (text.empty() || text.front() != '[') return 0;
  const std::size_t end = text.find_first_of("[]", 1);
  if (end == View::npos || text[end] != ']') return 0;
  const std::size_t next = text.find_first_not_of(' ', end + 1);
  return next == View::npos ? text.size() : next;
}

/// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"; its length, 0 when there is none.
std::size_t refwdLength(View text) {
  std::size_t at = 0;
  if (startsWithNoCase(text, "fwd")) {
    at = 3;
  } else if (startsWithNoCase(text, "re") || startsWithNoCase(text, "fw")) {
    at = 2;
  } else {
    return 0;
  }
  while (at < text.size() && text[at] == ' ') ++at;
  at += blobLength(text.substr(at));
  return at < text.size() && text[at] == ':' ? at + 1 : 0;
}

class Stripper {
 public:
  explicit Stripper(View text) : text_(text) {}

  /// Steps 2 to 6 of RFC 5256 2.1.
  void run() {
    do {
      trailers();
      while (leader()) continue;
      blobs();
    } while (wrapper());
  }
  [[nodiscard]] View text() const { return text_; }
  [[nodiscard]] bool stripped() const { return stripped_; }

 private:
  /// subj-trailer = "(fwd)" / WSP
  void trailers() {
    for (;;) {
      text_ = trimBlanks(text_);
      if (text_.size() < 5 || !ascii::equal(text_.substr(text_.size() - 5), "(fwd)")) return;
      text_.remove_suffix(5);
      stripped_ = true;
    }
  }

  /// subj-leader = (*subj-blob subj-refwd) / WSP
  bool leader() {
    text_ = trimBlanks(text_);
    std::size_t at = 0;
    while (const std::size_t length = blobLength(text_.substr(at))) at += length;
    const std::size_t length = refwdLength(text_.substr(at));
    if (length == 0) return false;
    text_ = trimBlanks(text_.substr(at + length));
    stripped_ = true;
    return true;
  }

  /// Blobs in front go as long as something is left then. No leader can follow: it would have taken them
  /// along.
  void blobs() {
    for (std::size_t length = blobLength(text_); length > 0 && length < text_.size();
         length = blobLength(text_))
      text_.remove_prefix(length);
  }

  /// "[fwd:" text "]"
  bool wrapper() {
    if (!startsWithNoCase(text_, "[fwd:") || text_.back() != ']') return false;
    text_ = trimBlanks(text_.substr(5, text_.size() - 6));
    stripped_ = true;
    return true;
  }

  View text_;
  bool stripped_ = false;
};

/// Tabs and runs of blanks become one blank (step 1).
Bytes collapse(View text) {
  Bytes out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank) {
      out.push_back(c);
    } else if (out.empty() || out.back() != ' ') {
      out.push_back(' ');
    }
  }
  return out;
}

}  // namespace

BaseSubject baseSubject(View subject) {
  const Bytes text = collapse(decodeHeader(subject));
  Stripper stripper(text);
  stripper.run();
  return {Bytes(stripper.text()), stripper.stripped()};
}

}  // namespace posthorn::mime
