// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/text_windows.h"

#include <memory>
#include <utility>

#include "common/base/ascii.h"
#include "common/mime/decode.h"
#include "common/mime/header.h"
#include "mshttpd/backend/fetch_items.h"

namespace posthorn::mshttpd::backend {

using imap::FetchAttribute;
using Kind = FetchAttribute::Kind;

namespace {

mime::Encoding encodingOf(View header) {
  const auto field = mime::findField(header, "Content-Transfer-Encoding");
  if (!field) return mime::Encoding::Identity;
  const std::string name = ascii::toLower(ascii::trim(mime::unfold(*field)));
  if (name == "base64") return mime::Encoding::Base64;
  if (name == "quoted-printable") return mime::Encoding::QuotedPrintable;
  return mime::Encoding::Identity;
}

/// Reads one window after the other.
class Windows {
 public:
  Windows(ReadItem read, FetchAttribute item) : read_(std::move(read)), item_(std::move(item)) {}

  Result<Bytes> next() {
    if (first_) return *std::exchange(first_, std::nullopt);
    if (over_) return Bytes();
    item_.partial = imap::Partial{at_, kTextWindow};
    PH_TRY(Bytes piece, read_(item_));
    at_ += piece.size();
    over_ = piece.size() < kTextWindow;
    return piece;
  }
  Status begin() {
    PH_TRY(first_, next());
    return okStatus();
  }

 private:
  ReadItem read_;
  FetchAttribute item_;
  std::optional<Bytes> first_;
  std::uint64_t at_ = 0;
  bool over_ = false;
};

Result<mime::Encoding> readEncoding(const ReadItem& read, const std::vector<std::uint32_t>& part) {
  FetchAttribute header = attributeOf(Kind::BodySection);
  header.peek = true;
  header.section.text = imap::Section::Text::Header;
  if (part.empty()) {
    PH_TRY(const Bytes text, read(header));
    return encodingOf(text);
  }
  FetchAttribute mime = header;
  mime.section = {.part = part, .text = imap::Section::Text::Mime, .fields = {}};
  PH_TRY(const Bytes text, read(mime));
  const mime::Encoding found = encodingOf(text);
  if (found != mime::Encoding::Identity || part != std::vector<std::uint32_t>{1}) return found;
  // The only part of a message: its header is the message's. (That of a multipart says nothing of its parts.)
  PH_TRY(const Bytes whole, read(header));
  const auto type = mime::findField(whole, "Content-Type");
  if (type && ascii::startsWith(ascii::trim(mime::unfold(*type)), "multipart/"))
    return mime::Encoding::Identity;
  return encodingOf(whole);
}

}  // namespace

Result<Source> textSource(ReadItem read, const imap::Section& section, bool decoded, bool binary) {
  FetchAttribute item = attributeOf(decoded && binary ? Kind::Binary : Kind::BodySection);
  item.peek = true;
  item.section = section;
  mime::Encoding encoding = mime::Encoding::Identity;
  if (decoded && !binary) {
    PH_TRY(encoding, readEncoding(read, section.part));
  }
  auto windows = std::make_shared<Windows>(std::move(read), std::move(item));
  PH_CHECK(windows->begin());
  if (encoding == mime::Encoding::Identity) return Source([windows] { return windows->next(); });
  auto decoder = std::make_shared<std::optional<mime::TransferDecoder>>(mime::TransferDecoder(encoding));
  return Source([windows, decoder]() -> Result<Bytes> {
    Bytes out;
    while (out.empty() && *decoder) {
      PH_TRY(const Bytes piece, windows->next());
      (*decoder)->feed(piece, out);
      if (!piece.empty()) continue;
      (*decoder)->finish(out);
      decoder->reset();
    }
    return out;
  });
}

}  // namespace posthorn::mshttpd::backend
