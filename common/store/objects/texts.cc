// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/texts.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "common/mime/digest.h"
#include "common/mime/fold.h"
#include "common/mime/header.h"
#include "common/mime/limits.h"
#include "common/mime/search_text.h"
#include "common/mime/structure.h"
#include "common/mime/subject.h"
#include "common/mime/text_finder.h"
#include "common/mime/words.h"

namespace posthorn::store::objects {

namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;

/// Names and addresses, as people look for them: `Anna Berg anna@example.org`, one after the other.
std::string folded(const std::vector<mime::Address>& addresses) {
  std::string text;
  for (const mime::Address& address : addresses) {
    if (address.groupEnd()) continue;
    if (address.name) text += mime::decodeWords(*address.name) + " ";
    if (address.mailbox) text += *address.mailbox;
    if (address.host) text += "@" + *address.host;
    text += "\n";
  }
  return mime::fold(text);
}

std::string first(const std::vector<mime::Address>& addresses) {
  for (const mime::Address& address : addresses) {
    if (address.groupEnd() || address.groupStart()) continue;
    if (address.name && !address.name->empty()) return mime::fold(mime::decodeWords(*address.name));
    return mime::fold(address.mailbox.value_or("") + "@" + address.host.value_or(""));
  }
  return {};
}

}  // namespace

Status Texts::readRow() {
  if (row_) return {};
  PH_TRY(auto window, box_.window(UidSet::of(std::vector<Uid>{uid_}), uid_, Columns::Facts, 1));
  if (window.rows.empty()) return makeError(Errc::NotFound, "store: the message is gone");
  row_ = std::move(window.rows.front());
  return {};
}

Status Texts::readDigest() {
  if (envelope_) return {};
  PH_CHECK(readRow());
  PH_TRY(const Bytes packed, box_.digest(*row_));
  const auto views = mime::viewDigest(packed);
  if (views.ok()) {
    PH_TRY(envelope_, mime::parseEnvelope(views->envelope));
    if (views->sent) sent_ = views->sent->seconds;
    hasAttachment_ = views->hasAttachment;
    return {};
  }
  // Not cached, or by another release: it is made anew.
  mime::DigestMaker maker;
  PH_TRY(const MessageBody text, box_.body(*row_));
  std::string buffer(kPiece, '\0');
  for (std::uint64_t at = 0; at < text.slice.length;) {
    PH_TRY(const std::size_t got, text.slice.read(at, buffer.data(), buffer.size()));
    if (got == 0) break;
    maker.feed(View(buffer).substr(0, got));
    at += got;
  }
  const mime::Digest digest = maker.finish();
  PH_TRY(envelope_, mime::parseEnvelope(digest.envelope));
  if (digest.sent) sent_ = digest.sent->seconds;
  hasAttachment_ = digest.hasAttachment;
  return {};
}

Result<std::string> Texts::piece(std::uint64_t octets) {
  PH_CHECK(readRow());
  PH_TRY(const MessageBody text, box_.body(*row_));
  std::string out(static_cast<std::size_t>(std::min(octets, text.slice.length)), '\0');
  PH_TRY(const std::size_t got, text.slice.read(0, out.data(), out.size()));
  out.resize(got);
  return out;
}

Result<std::string> Texts::subject() {
  PH_CHECK(readDigest());
  return mime::fold(mime::decodeHeader(envelope_->subject.value_or("")));
}
Result<std::string> Texts::from() {
  PH_CHECK(readDigest());
  return folded(envelope_->from);
}
Result<std::string> Texts::to() {
  PH_CHECK(readDigest());
  return folded(envelope_->to);
}
Result<std::string> Texts::cc() {
  PH_CHECK(readDigest());
  return folded(envelope_->cc);
}
Result<std::string> Texts::bcc() {
  PH_CHECK(readDigest());
  return folded(envelope_->bcc);
}
Result<std::string> Texts::firstFrom() {
  PH_CHECK(readDigest());
  return first(envelope_->from);
}
Result<std::string> Texts::firstTo() {
  PH_CHECK(readDigest());
  return first(envelope_->to);
}
Result<std::string> Texts::baseSubject() {
  PH_CHECK(readDigest());
  return mime::fold(mime::baseSubject(mime::decodeHeader(envelope_->subject.value_or(""))).text);
}
Result<std::optional<std::int64_t>> Texts::sent() {
  PH_CHECK(readDigest());
  return sent_;
}
Result<bool> Texts::hasAttachment() {
  PH_CHECK(readDigest());
  return hasAttachment_;
}

Result<bool> Texts::header(View name, const std::vector<std::string>& words) {
  if (!header_) {
    PH_CHECK(readRow());
    PH_TRY(header_, piece(std::min<std::uint64_t>(row_->message.facts.headerLength, mime::kMaxHeader)));
  }
  for (const auto& field : mime::headerFields(*header_)) {
    if (!ascii::equal(field.name, name)) continue;
    const std::string value = mime::fold(mime::decodeHeader(field.value));
    const auto has = [&](const std::string& word) { return value.find(word) != std::string::npos; };
    if (std::all_of(words.begin(), words.end(), has)) return true;
  }
  return false;
}

Result<std::vector<bool>> Texts::body(const std::vector<std::string>& words) {
  PH_CHECK(readRow());
  PH_TRY(const MessageBody text, box_.body(*row_));
  std::vector<mime::Needle> needles;
  for (const std::string& word : words) needles.push_back({word, false});
  mime::TextFinder finder(needles);
  mime::SearchText search(finder);
  mime::MessageParser parser(&search);
  std::string buffer(kPiece, '\0');
  for (std::uint64_t at = 0; at < text.slice.length && !finder.full();) {
    PH_TRY(const std::size_t got, text.slice.read(at, buffer.data(), buffer.size()));
    if (got == 0) break;
    parser.feed(View(buffer).substr(0, got));
    at += got;
  }
  static_cast<void>(parser.finish());
  return finder.found();
}

}  // namespace posthorn::store::objects
