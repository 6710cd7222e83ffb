// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/body_value.h"

#include <string>
#include <string_view>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/mime/charset.h"
#include "mshttpd/jmap/unicode_text.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

std::size_t replacements(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(kReplacement); at != std::string_view::npos;
       at = text.find(kReplacement, at + kReplacement.size()))
    ++count;
  return count;
}

/// CRLF becomes LF; a CR at the end waits for what follows it.
class LineEnds {
 public:
  void feed(std::string_view text, std::string& out) {
    for (const char c : text) {
      if (held_ && c != '\n') out.push_back('\r');
      held_ = c == '\r';
      if (!held_) out.push_back(c);
    }
  }
  void finish(std::string& out) {
    if (std::exchange(held_, false)) out.push_back('\r');
  }

 private:
  bool held_ = false;
};

/// Where the tag or comment that begins at `at` ends, its ">" included; npos: it is cut. A ">" between the
/// quotes of an attribute's value is part of it.
std::size_t tagEnd(std::string_view html, std::size_t at) {
  if (html.substr(at, 4) == "<!--") {
    const std::size_t end = html.find("-->", at + 4);
    return end == std::string_view::npos ? end : end + 3;
  }
  char quote = '\0';
  char before = '\0';  // a quote means something behind "=" only
  for (; at < html.size(); ++at) {
    const char c = html[at];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (before == '=' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '>') {
      return at + 1;
    }
    if (static_cast<unsigned char>(c) > ' ') before = c;
  }
  return std::string_view::npos;
}

/// A cut text without the tag that was cut. "<" before anything else than a letter begins none (HTML
/// 13.2.5.6), unless it is the last character.
std::string_view cutHtml(std::string_view text) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    const bool tag = at + 1 == text.size() || ascii::isAlpha(text[at + 1]) ||
                     std::string_view("/!?").find(text[at + 1]) != std::string_view::npos;
    const std::size_t end = tag ? tagEnd(text, at) : at + 1;
    if (end == std::string_view::npos) return text.substr(0, at);
    at = end;
  }
  return text;
}

bool readsAsUtf8(const std::string& charset) {
  return ascii::equal(charset, "utf-8") || ascii::equal(charset, "utf8") || ascii::equal(charset, "us-ascii");
}

}  // namespace

Result<Json> bodyValue(const BodyPart& part, const backend::Source& octets, std::uint64_t most) {
  const std::string charset = part.charset.value_or("us-ascii");
  mime::CharsetDecoder decoder(charset);
  LineEnds lines;
  std::string value;
  std::size_t meant = 0;  // U+FFFD that the sender wrote
  bool truncated = false;
  while (true) {
    if (value.size() > most) {
      truncated = true;
      break;
    }
    PH_TRY(const Bytes window, octets());
    if (window.empty()) break;
    if (readsAsUtf8(charset)) meant += replacements(window);
    Bytes text;
    decoder.feed(window, text);
    lines.feed(text, value);
  }
  if (!truncated) {
    Bytes text;
    decoder.finish(text);
    lines.feed(text, value);
    lines.finish(value);
  }
  bool problem = !decoder.known() || part.encoding == mime::Encoding::Unknown;
  problem = problem || replacements(value) > meant;
  if (!utf8::valid(value) || value.find('\0') != std::string::npos) value = wellFormed(value);
  if (value.size() > most) {
    truncated = true;
    value = std::string(cutText(value, most));
    if (part.type == "text/html") value = std::string(cutHtml(value));
  }
  Json out = Json::object();
  out["value"] = std::move(value);
  out["isEncodingProblem"] = problem;
  out["isTruncated"] = truncated;
  return out;
}

}  // namespace posthorn::mshttpd::jmap
