// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/text_coding.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/mime/encode.h"

namespace posthorn::mshttpd::jmap {

namespace {

/// RFC 5322 2.1.1.
constexpr std::size_t kGoodLine = 78;

Bytes withLineEnds(std::string_view utf8) {
  Bytes out;
  out.reserve(utf8.size() + utf8.size() / 40);
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    if (utf8[i] != '\r' && utf8[i] != '\n') {
      out.push_back(utf8[i]);
      continue;
    }
    out.append("\r\n");
    if (utf8[i] == '\r' && i + 1 < utf8.size() && utf8[i + 1] == '\n') ++i;
  }
  return out;
}

bool isAscii(View text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Whether relays leave it alone.
bool survives(View text) {
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    const View line = text.substr(0, end);
    if (line.size() > kGoodLine || line == "." || ascii::startsWith(line, "From ")) return false;
    if (!line.empty() && (line.back() == ' ' || line.back() == '\t')) return false;
    if (std::any_of(line.begin(), line.end(), [](char c) { return ascii::isControl(c) && c != '\t'; }))
      return false;
    if (end == View::npos) return true;
    text.remove_prefix(end + 2);
  }
  return true;
}

}  // namespace

CodedText codeText(std::string_view utf8) {
  Bytes text = withLineEnds(utf8);
  const bool ascii = isAscii(text);
  if (ascii && survives(text)) return {"7bit", true, std::move(text)};
  Bytes quoted = mime::encodeQuotedPrintable(text);
  if (quoted.size() <= mime::Base64Lines::size(text.size()))
    return {"quoted-printable", ascii, std::move(quoted)};
  mime::Base64Lines lines;
  Bytes out;
  lines.feed(text, out);
  lines.finish(out);
  return {"base64", ascii, std::move(out)};
}

Result<CodedBlob> codeBlob(const BlobFile& blob, const std::string& type) {
  const CodedBlob base64{type, "base64", Piece::Coding::Base64, mime::Base64Lines::size(blob.octets), false};
  if (type.substr(0, 8) != "message/") return base64;
  PH_TRY(const TextFacts facts, factsOf(blob.source()));
  if (!facts.nul && facts.longestLine <= mime::kLongestLine) {
    if (!facts.eightBit) return CodedBlob{type, "7bit", Piece::Coding::Canonical, facts.canonical, false};
    if (type == "message/rfc822")
      return CodedBlob{type, "8bit", Piece::Coding::Canonical, facts.canonical, true};
  }
  CodedBlob other = base64;
  if (type == "message/rfc822") other.type = "application/octet-stream";
  return other;
}

}  // namespace posthorn::mshttpd::jmap
