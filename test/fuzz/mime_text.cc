// SPDX-License-Identifier: Apache-2.0

// Bodies on their way to text: transfer encodings, charsets and HTML give the same for any split, and UTF-8.

#include "common/base/utf8.h"
#include "common/mime/charset.h"
#include "common/mime/decode.h"
#include "common/mime/html_text.h"
#include "test/fuzz/require.h"

using namespace posthorn;

namespace {

template <typename Reader>
Bytes read(Reader reader, View text, std::size_t window) {
  Bytes out;
  for (std::size_t at = 0; at < text.size(); at += window) reader.feed(text.substr(at, window), out);
  reader.finish(out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t window = 1 + data[0] % 16;
  const View text = fuzz::text(data + 2, size - 2);
  for (const auto encoding : {mime::Encoding::Base64, mime::Encoding::QuotedPrintable}) {
    const Bytes whole = read(mime::TransferDecoder(encoding), text, text.size() + 1);
    fuzz::require(read(mime::TransferDecoder(encoding), text, window) == whole, "any split decodes the same");
    fuzz::require(whole.size() <= text.size(), "decoding adds nothing");
  }
  constexpr View kCharsets[] = {"utf-8",     "us-ascii",    "iso-8859-1", "iso-2022-jp", "iso-2022-kr",
                                "shift_jis", "euc-jp",      "gb18030",    "big5",        "utf-7",
                                "utf-16",    "utf-16le",    "utf-32",     "hz",          "iso-2022-cn",
                                "koi8-r",    "windows-1256"};
  const View charset = kCharsets[data[1] % std::size(kCharsets)];
  const Bytes converted = read(mime::CharsetDecoder(charset), text, text.size() + 1);
  fuzz::require(utf8::valid(converted), "what is converted is UTF-8");
  fuzz::require(read(mime::CharsetDecoder(charset), text, window) == converted,
                "any split converts the same");
  for (const auto values : {mime::HtmlText::Values::Drop, mime::HtmlText::Values::Keep}) {
    const Bytes whole = read(mime::HtmlText(values), text, text.size() + 1);
    fuzz::require(read(mime::HtmlText(values), text, window) == whole, "any split reads the same HTML");
  }
  return 0;
}
