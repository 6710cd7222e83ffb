// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/parsed_message.h"

#include <utility>
#include <variant>

#include "common/imap/parse/response.h"
#include "common/mime/decode.h"
#include "common/mime/header.h"
#include "common/mime/section.h"
#include "mshttpd/jmap/blob.h"
#include "mshttpd/jmap/blob_file.h"

namespace posthorn::mshttpd::jmap {
namespace {

using Kind = imap::FetchAttribute::Kind;

/// The value that a client of IMAP would read.
Result<imap::Value> valueOf(View name, View wire) {
  const Bytes line = "* 1 FETCH (" + Bytes(name) + " " + Bytes(wire) + ")\r\n";
  const auto outcome = imap::parseResponse(line);
  const auto* done = std::get_if<imap::ResponseDone>(&outcome);
  const auto* fetch = done != nullptr ? std::get_if<imap::FetchData>(&done->response) : nullptr;
  if (fetch == nullptr || fetch->items.size() != 1)
    return makeError(Errc::Invalid, "a structure that cannot be read again");
  return fetch->items.front().value;
}

mime::Section mimeSection(const imap::Section& section) {
  using From = imap::Section::Text;
  using To = mime::Section::Text;
  mime::Section out;
  out.path = section.part;
  out.fields.assign(section.fields.begin(), section.fields.end());
  switch (section.text) {
    case From::Whole:
      out.text = To::Whole;
      break;
    case From::Header:
      out.text = To::Header;
      break;
    case From::HeaderFields:
      out.text = To::HeaderFields;
      break;
    case From::HeaderFieldsNot:
      out.text = To::HeaderFieldsNot;
      break;
    case From::Text:
      out.text = To::Text;
      break;
    case From::Mime:
      out.text = To::Mime;
      break;
  }
  return out;
}

}  // namespace

ParsedMessage::ParsedMessage(Bytes text, std::string blobId)
    : text_(std::move(text)), blobId_(std::move(blobId)) {
  mime::DigestMaker maker;
  maker.feed(text_);
  digest_ = maker.finish();
}

bool ParsedMessage::isMessage() const {
  const std::size_t end = text_.find('\n');
  const View first = View(text_).substr(0, end);
  return mime::splitField(first).has_value();
}

std::optional<Bytes> ParsedMessage::section(const imap::Section& wanted, bool decoded) const {
  const mime::Section section = mimeSection(wanted);
  const auto found = mime::resolve(digest_.outline, section);
  if (!found) return std::nullopt;
  const View octets = View(text_).substr(found->range.offset, found->range.length);
  Bytes out;
  if (found->filtered) {
    mime::HeaderFilter filter = mime::filterOf(section);
    filter.feed(octets, out);
    filter.finish(out);
    return out;
  }
  const bool whole = wanted.text == imap::Section::Text::Whole && !wanted.part.empty();
  const auto part = whole && decoded ? mime::resolvePart(digest_.outline, wanted.part) : std::nullopt;
  if (!part) return Bytes(octets);
  mime::TransferDecoder decoder(digest_.outline[*part].encoding);
  decoder.feed(octets, out);
  decoder.finish(out);
  return out;
}

Result<imap::Value> ParsedMessage::structure() const {
  return valueOf("BODYSTRUCTURE", digest_.bodystructure);
}

Result<imap::FetchItem> ParsedMessage::item(const imap::FetchAttribute& attribute) const {
  imap::FetchItem out;
  out.attribute = attribute;
  out.attribute.peek = false;
  switch (attribute.kind) {
    case Kind::Envelope: {
      PH_TRY(out.value, valueOf("ENVELOPE", digest_.envelope));
      break;
    }
    case Kind::BodyStructure: {
      PH_TRY(out.value, structure());
      break;
    }
    case Kind::BodySection:
      out.text = section(attribute.section, false);
      break;
    case Kind::Binary:
      out.text = section(attribute.section, true);
      break;
    case Kind::BinarySize:
      out.number = section(attribute.section, true).value_or(Bytes()).size();
      break;
    case Kind::Preview:
      out.text = digest_.preview;
      break;
    default:
      return makeError(Errc::Unsupported, "not an item of a blob");
  }
  return out;
}

Result<backend::Messages> ParsedMessage::messages(std::span<const backend::Id> /*ids*/,
                                                  std::span<const imap::FetchAttribute> items) {
  backend::Message message;
  message.id = blobId_;
  message.octets = text_.size();
  for (const imap::FetchAttribute& attribute : items) {
    PH_TRY(imap::FetchItem one, item(attribute));
    message.items.push_back(std::move(one));
  }
  backend::Messages out;
  out.messages.push_back(std::move(message));
  return out;
}

Result<backend::Source> ParsedMessage::text(const backend::Id& /*email*/, const imap::Section& wanted,
                                            bool decoded) {
  auto octets = section(wanted, decoded);
  if (!octets) return makeError(Errc::NotFound, "no such part");
  return sourceOf(std::move(*octets));
}

std::string ParsedMessage::partBlob(const backend::Id& /*email*/, const PartNumber& part) const {
  return innerBlobId(blobId_, part);
}

std::string ParsedMessage::messageBlob(const backend::Id& /*email*/) const {
  return blobId_;
}

}  // namespace posthorn::mshttpd::jmap
