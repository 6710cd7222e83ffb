// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/blob.h"

#include <memory>
#include <utility>

#include "common/base/ascii.h"
#include "mshttpd/http/uploads.h"
#include "mshttpd/jmap/blob_file.h"
#include "mshttpd/jmap/json.h"

namespace posthorn::mshttpd::jmap {
namespace {

constexpr std::size_t kMaxPartDepth = 64;

using Attribute = imap::FetchAttribute;

Attribute ofKind(Attribute::Kind kind, PartNumber part = {}) {
  Attribute out;
  out.kind = kind;
  out.section.part = std::move(part);
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
  return host.text(blob.email, wholePart(blob.part), part->encoding != mime::Encoding::Unknown);
}

Result<backend::Source> openUpload(Call& call, const std::string& id, std::uint64_t& size,
                                   std::string& type) {
  PH_TRY(Uploads::Open open, call.services().uploads.open(call.caller().user, id));
  size = open.blob.octets;
  type = open.blob.type.empty() ? "application/octet-stream" : open.blob.type;
  return BlobFile{std::make_shared<const UniqueFd>(std::move(open.file)), size, type}.source();
}

}  // namespace

std::string messageBlobId(const backend::Id& email) {
  return "M" + email;
}

std::string partBlobId(const backend::Id& email, const PartNumber& part) {
  std::string out = "P" + email + "_";
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (i > 0) out += '-';
    out += std::to_string(part[i]);
  }
  return out;
}

std::optional<MailBlob> parseMailBlobId(std::string_view id) {
  if (!isId(id) || id.size() < 2) return std::nullopt;
  if (id.front() == 'M') return MailBlob{std::string(id.substr(1)), {}};
  // The part's number holds no '_', an email's id may.
  const std::size_t cut = id.rfind('_');
  if (id.front() != 'P' || cut == std::string_view::npos || cut < 2) return std::nullopt;
  MailBlob out{std::string(id.substr(1, cut - 1)), {}};
  for (const std::string_view word : ascii::split(id.substr(cut + 1), '-')) {
    const auto number = ascii::number(word);
    const bool canonical = number && *number > 0 && *number <= 0xFFFFFFFFU && word.front() != '0';
    if (!canonical || out.part.size() == kMaxPartDepth) return std::nullopt;
    out.part.push_back(static_cast<std::uint32_t>(*number));
  }
  return out;
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
  return openUpload(call, id, size, type);
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
