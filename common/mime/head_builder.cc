// SPDX-License-Identifier: Apache-2.0
#include "common/mime/head_builder.h"

#include <utility>

#include "common/base/ascii.h"
#include "common/mime/header.h"
#include "common/mime/limits.h"

namespace posthorn::mime {

namespace {

Encoding encodingOf(const std::optional<Bytes>& name) {
  if (!name || ascii::equal(*name, "7bit") || ascii::equal(*name, "8bit") || ascii::equal(*name, "binary"))
    return Encoding::Identity;
  if (ascii::equal(*name, "base64")) return Encoding::Base64;
  if (ascii::equal(*name, "quoted-printable")) return Encoding::QuotedPrintable;
  return Encoding::Unknown;
}

Bytes boundaryOf(const ContentType& type) {
  return Bytes(rawParameter(type.parameters, "boundary").value_or(View()).substr(0, kMaxBoundary));
}

bool hasFileName(const PartHead& head) {
  const auto named = [](const Parameters& list, View name) {
    return rawParameter(list, name) || rawParameter(list, Bytes(name) + "*");
  };
  return (head.disposition && named(head.disposition->parameters, "filename")) ||
         (head.type && named(head.type->parameters, "name"));
}

bool isAttachment(const PartHead& head, PartKind kind) {
  if (head.disposition && ascii::equal(head.disposition->type, "attachment")) return true;
  const bool isInline = head.disposition && ascii::equal(head.disposition->type, "inline");
  return kind == PartKind::Leaf && !isInline && hasFileName(head);
}

std::size_t keptText(const Parameters& parameters) {
  std::size_t size = 0;
  for (const Parameter& parameter : parameters)
    size += parameter.name.size() + parameter.value.size() + sizeof(Parameter);
  return size;
}

template <typename T>
void keepFirst(std::optional<T>& member, std::optional<T> value) {
  if (!member) member = std::move(value);
}

}  // namespace

std::size_t keptText(const PartHead& head) {
  std::size_t size = head.envelope.size();
  for (const auto* text : {&head.id, &head.description, &head.encoding, &head.md5, &head.location}) {
    if (*text) size += (*text)->size();
  }
  if (head.type) size += head.type->type.size() + head.type->subtype.size() + keptText(head.type->parameters);
  if (head.disposition) size += head.disposition->type.size() + keptText(head.disposition->parameters);
  for (const Bytes& tag : head.languages) size += tag.size() + sizeof(Bytes);
  return size;
}

void HeadBuilder::start(bool message, bool digestChild) {
  head_ = PartHead{};
  head_.digestChild = digestChild;
  envelope_ = EnvelopeBuilder{};
  message_ = message;
  typeSeen_ = false;
}

void HeadBuilder::field(View name, View value) {
  if (message_) envelope_.field(name, value);
  if (!ascii::startsWith(ascii::toLower(name.substr(0, 8)), "content-")) return;
  const View what = name.substr(8);
  if (ascii::equal(what, "Type")) {
    if (!typeSeen_) head_.type = parseContentType(value);
    typeSeen_ = true;
  } else if (ascii::equal(what, "Transfer-Encoding")) {
    keepFirst(head_.encoding, parseEncodingName(value));
  } else if (ascii::equal(what, "Disposition")) {
    keepFirst(head_.disposition, parseDisposition(value));
  } else if (ascii::equal(what, "ID")) {
    keepFirst(head_.id, std::optional(unfold(value)));
  } else if (ascii::equal(what, "Description")) {
    keepFirst(head_.description, std::optional(unfold(value)));
  } else if (ascii::equal(what, "MD5")) {
    keepFirst(head_.md5, std::optional(unfold(value)));
  } else if (ascii::equal(what, "Location")) {
    keepFirst(head_.location, std::optional(unfold(value)));
  } else if (ascii::equal(what, "Language") && head_.languages.empty()) {
    head_.languages = parseLanguages(value);
  }
}

HeadBuilder::Built HeadBuilder::take(PartNode& node, std::size_t room) {
  Built built{std::move(head_), {}};
  PartHead& head = built.head;
  if (message_) head.envelope = printEnvelope(envelope_.take());
  if (keptText(head) > room) {
    head = PartHead{};
    if (message_) head.envelope = printEnvelope(Envelope{});
    node.text = true;
    return built;
  }
  const bool multipart = head.type && head.type->is("multipart");
  if (multipart) built.boundary = boundaryOf(*head.type);
  // RFC 2046 5.1.1 demands a boundary, RFC 2045 5.2 the default for a Content-Type that is not as it must be.
  if (multipart && built.boundary.empty()) head.type.reset();
  const bool message = head.type ? head.type->is("message", "rfc822") : head.digestChild;
  node.global = head.type && head.type->is("message", "global");
  node.text = head.type ? head.type->is("text") : !head.digestChild;
  node.encoding = encodingOf(head.encoding);
  if (multipart && !built.boundary.empty()) {
    node.kind = PartKind::Multipart;
  } else if (message || (node.global && node.encoding == Encoding::Identity)) {
    node.kind = PartKind::Message;
  }
  node.attachment = isAttachment(head, node.kind);
  return built;
}

}  // namespace posthorn::mime
