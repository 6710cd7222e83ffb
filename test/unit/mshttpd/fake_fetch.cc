// SPDX-License-Identifier: Apache-2.0
#include <variant>

#include "common/base/assert.h"
#include "common/imap/parse/response.h"
#include "common/mime/decode.h"
#include "common/mime/section.h"
#include "test/unit/mshttpd/fake_mail_host.h"

namespace posthorn::mshttpd::backend {
namespace {

imap::Value valueOf(View name, View wire) {
  const Bytes line = "* 1 FETCH (" + Bytes(name) + " " + Bytes(wire) + ")\r\n";
  const auto outcome = imap::parseResponse(line);
  const auto* done = std::get_if<imap::ResponseDone>(&outcome);
  PH_ASSERT(done != nullptr);
  const auto* fetch = std::get_if<imap::FetchData>(&done->response);
  PH_ASSERT(fetch != nullptr && fetch->items.size() == 1);
  return fetch->items[0].value;
}

mime::Section mimeSection(const imap::Section& section) {
  mime::Section out;
  out.path = section.part;
  out.text = static_cast<mime::Section::Text>(section.text);
  out.fields.assign(section.fields.begin(), section.fields.end());
  return out;
}

Bytes decodedPart(const FakeEmail& email, std::size_t part) {
  const mime::PartNode& node = email.digest.outline[part];
  mime::TransferDecoder decoder(node.encoding);
  Bytes out;
  const mime::Range range = mime::bodyRange(node);
  decoder.feed(View(email.raw).substr(range.offset, range.length), out);
  decoder.finish(out);
  return out;
}

}  // namespace

std::optional<Bytes> fakeSection(const FakeEmail& email, const imap::Section& section, bool decoded) {
  if (decoded && section.text == imap::Section::Text::Whole && !section.part.empty()) {
    const auto part = mime::resolvePart(email.digest.outline, section.part);
    if (!part) return std::nullopt;
    return decodedPart(email, *part);
  }
  const mime::Section wanted = mimeSection(section);
  const auto found = mime::resolve(email.digest.outline, wanted);
  if (!found) return std::nullopt;
  const View octets = View(email.raw).substr(found->range.offset, found->range.length);
  if (!found->filtered) return Bytes(octets);
  mime::HeaderFilter filter = mime::filterOf(wanted);
  Bytes out;
  filter.feed(octets, out);
  filter.finish(out);
  return out;
}

imap::FetchItem fakeFetch(const FakeEmail& email, const imap::FetchAttribute& attribute) {
  using Kind = imap::FetchAttribute::Kind;
  imap::FetchItem item;
  item.attribute = attribute;
  item.attribute.peek = false;
  item.attribute.lazy = false;
  switch (attribute.kind) {
    case Kind::Envelope:
      item.value = valueOf("ENVELOPE", email.digest.envelope);
      break;
    case Kind::BodyStructure:
      item.value = valueOf("BODYSTRUCTURE", email.digest.bodystructure);
      break;
    case Kind::BodySection:
      item.text = fakeSection(email, attribute.section, false);
      break;
    case Kind::Binary:
      item.text = fakeSection(email, attribute.section, true);
      break;
    case Kind::BinarySize:
      item.number = fakeSection(email, attribute.section, true).value_or(Bytes()).size();
      break;
    case Kind::Preview:
      item.text = email.digest.preview;
      break;
    case Kind::Rfc822Size:
      item.number = email.raw.size();
      break;
    case Kind::InternalDate:
      item.date = email.date;
      break;
    case Kind::EmailId:
      item.text = email.id;
      break;
    case Kind::ThreadId:
      item.text = email.threadId;
      break;
    case Kind::Flags:
      item.flags.assign(email.flags.begin(), email.flags.end());
      break;
    default:
      break;
  }
  if (attribute.partial && item.text) {
    item.text = Bytes(mime::partial(View(*item.text), attribute.partial->offset, attribute.partial->octets));
    item.attribute.partial->octets = 0;
  }
  return item;
}

}  // namespace posthorn::mshttpd::backend
