// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/blob.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "common/base/ascii.h"
#include "mshttpd/http/uploads.h"
#include "mshttpd/jmap/blob_file.h"
#include "mshttpd/jmap/json.h"
#include "mshttpd/jmap/parsed_message.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::size_t kMaxPartDepth = 64;
constexpr std::size_t kMaxInside = 4;  // messages inside each other that a blob id may name
/// Octets of a message that is read as a whole, whatever http.maxmessagesize says.
constexpr std::uint64_t kMaxRead = std::uint64_t{128} << 20;
constexpr std::uint64_t kMinRead = std::uint64_t{1} << 20;

using Attribute = imap::FetchAttribute;

Attribute ofKind(Attribute::Kind kind, PartNumber part = {}) {
  Attribute out;
  out.kind = kind;
  out.section.part = std::move(part);
  return out;
}

std::string numberText(const PartNumber& part) {
  std::string out;
  for (const std::uint32_t one : part) out += (out.empty() ? "" : "-") + std::to_string(one);
  return out;
}

/// "ID_1-2"; the part's number holds no '_', an id may.
std::optional<std::pair<std::string, PartNumber>> splitPart(std::string_view text) {
  const std::size_t cut = text.rfind('_');
  if (cut == std::string_view::npos || cut == 0) return std::nullopt;
  std::pair<std::string, PartNumber> out{std::string(text.substr(0, cut)), {}};
  for (const std::string_view word : ascii::split(text.substr(cut + 1), '-')) {
    const auto number = ascii::number(word);
    const bool canonical = number && *number > 0 && *number <= 0xFFFFFFFFU && word.front() != '0';
    if (!canonical || out.second.size() == kMaxPartDepth) return std::nullopt;
    out.second.push_back(static_cast<std::uint32_t>(*number));
  }
  return out;
}

/// The one item that was asked for of one message.
Result<backend::Message> fetchOne(backend::MailHost& host, const backend::Id& email,
                                  std::span<const Attribute> attributes) {
  const backend::Id ids[] = {email};
  PH_TRY(backend::Messages answer, host.messages(ids, attributes));
  if (answer.messages.size() != 1) return makeError(Errc::NotFound, "no such message");
  return std::move(answer.messages.front());
}

Result<std::uint64_t> lengthOf(const backend::Source& source) {
  std::uint64_t octets = 0;
  while (true) {
    PH_TRY(const Bytes window, source());
    if (window.empty()) return octets;
    octets += window.size();
  }
}

Result<std::uint64_t> decodedSize(backend::MailHost& host, const MailBlob& blob, const BodyPart& part) {
  if (part.encoding == mime::Encoding::Identity || part.encoding == mime::Encoding::Unknown)
    return part.octets;
  if (host.abilities().binary) {
    const Attribute wanted[] = {ofKind(Attribute::Kind::BinarySize, blob.part)};
    PH_TRY(const backend::Message message, fetchOne(host, blob.email, wanted));
    if (!message.items.empty()) return message.items.front().number;
  }
  // Such a server cannot tell, and clients are told a length: read it twice.
  PH_TRY(const backend::Source source, host.text(blob.email, wholePart(blob.part), true));
  return lengthOf(source);
}

Result<backend::Source> openMessage(backend::MailHost& host, const MailBlob& blob, std::uint64_t& size,
                                    std::string& type) {
  PH_TRY(const backend::Message message, fetchOne(host, blob.email, {}));
  size = message.octets;
  type = "message/rfc822";
  return host.text(blob.email, {}, false);
}

Result<backend::Source> openPart(backend::MailHost& host, const MailBlob& blob, std::uint64_t& size,
                                 std::string& type) {
  const Attribute wanted[] = {ofKind(Attribute::Kind::BodyStructure)};
  PH_TRY(const backend::Message message, fetchOne(host, blob.email, wanted));
  if (message.items.empty()) return makeError(Errc::NotFound, "no structure");
  PH_TRY(const BodyPart root, readBodyStructure(message.items.front().value));
  const BodyPart* part = findPart(root, blob.part);
  if (part == nullptr || part->multipart()) return makeError(Errc::NotFound, "no such part");
  PH_TRY(size, decodedSize(host, blob, *part));
  type = part->type;
  Result<backend::Source> text =
      host.text(blob.email, wholePart(blob.part), part->encoding != mime::Encoding::Unknown);
  // A multipart without parts is shown with an empty one, which has no section of its own.
  const bool empty = !text.ok() && text.error().code == Errc::NotFound && part->octets == 0;
  return empty ? Result<backend::Source>(sourceOf({})) : std::move(text);
}

Result<backend::Source> openUpload(Call& call, const std::string& id, std::uint64_t& size,
                                   std::string& type) {
  PH_TRY(Uploads::Open open, call.services().uploads.open(call.caller().user, id));
  size = open.blob.octets;
  type = open.blob.type.empty() ? "application/octet-stream" : open.blob.type;
  return BlobFile{std::make_shared<const UniqueFd>(std::move(open.file)), size, type}.source();
}

/// A part of a message that is a blob: all of that blob is read for it.
Result<backend::Source> openInner(Call& call, const Call::Account& account, const std::string& id,
                                  std::uint64_t& size, std::string& type) {
  const auto split = splitPart(std::string_view(id).substr(1));
  const std::size_t inside = id.find_first_not_of('N');
  if (!split || inside > kMaxInside) return makeError(Errc::NotFound, "no such blob");
  PH_TRY(Bytes text, readBlob(call, account, split->first));
  const ParsedMessage message(std::move(text), split->first);
  PH_TRY(const imap::Value structure, message.structure());
  PH_TRY(const BodyPart root, readBodyStructure(structure));
  const BodyPart* part = findPart(root, split->second);
  if (part == nullptr || part->multipart()) return makeError(Errc::NotFound, "no such part");
  auto octets = message.section(wholePart(part->number), part->encoding != mime::Encoding::Unknown);
  if (!octets && part->octets > 0) return makeError(Errc::NotFound, "no such part");
  if (!octets) octets.emplace();
  size = octets->size();
  type = part->type;
  return sourceOf(std::move(*octets));
}

}  // namespace

std::string messageBlobId(const backend::Id& email) {
  return "M" + email;
}

std::string partBlobId(const backend::Id& email, const PartNumber& part) {
  return "P" + email + "_" + numberText(part);
}

std::string innerBlobId(const std::string& blob, const PartNumber& part) {
  const auto mail = parseMailBlobId(blob);
  if (mail && mail->part.empty()) return partBlobId(mail->email, part);
  return "N" + blob + "_" + numberText(part);
}

std::optional<MailBlob> parseMailBlobId(std::string_view id) {
  if (!isId(id) || id.size() < 2) return std::nullopt;
  if (id.front() == 'M') return MailBlob{std::string(id.substr(1)), {}};
  if (id.front() != 'P') return std::nullopt;
  auto split = splitPart(id.substr(1));
  if (!split) return std::nullopt;
  return MailBlob{std::move(split->first), std::move(split->second)};
}

imap::Section wholePart(const PartNumber& part) {
  imap::Section out;
  out.part = part;
  return out;
}

Result<backend::Source> openBlob(Call& call, const Call::Account& account, const std::string& id,
                                 std::uint64_t& size, std::string& type) {
  if (!isId(id)) return makeError(Errc::NotFound, "not an id");
  const auto mail = parseMailBlobId(id);
  if (mail) {
    Result<backend::Source> found = mail->part.empty() ? openMessage(*account.host, *mail, size, type)
                                                       : openPart(*account.host, *mail, size, type);
    if (found.ok() || found.error().code != Errc::NotFound) return found;
  }
  if (id.front() == 'N') return openInner(call, account, id, size, type);
  return openUpload(call, id, size, type);
}

Result<Bytes> readBlob(Call& call, const Call::Account& account, const std::string& id) {
  std::uint64_t size = 0;
  std::string type;
  PH_TRY(const backend::Source source, openBlob(call, account, id, size, type));
  const std::uint64_t most = std::clamp(call.limits().maxMessageSize, kMinRead, kMaxRead);
  if (size > most) return makeError(Errc::TooBig, "more than a message may be");
  return readAll(source, most);
}

Result<Bytes> readAll(const backend::Source& source, std::uint64_t most) {
  Bytes out;
  while (true) {
    PH_TRY(const Bytes window, source());
    if (window.empty()) return out;
    if (window.size() > most - out.size()) return makeError(Errc::TooBig, "more than is read at once");
    out += window;
  }
}

}  // namespace posthorn::mshttpd::jmap
