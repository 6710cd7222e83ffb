// SPDX-License-Identifier: Apache-2.0
#include "common/mime/envelope.h"

#include <utility>

#include "common/base/ascii.h"
#include "common/mime/header.h"
#include "common/mime/limits.h"
#include "common/mime/wire.h"
#include "common/mime/wire_reader.h"

namespace posthorn::mime {

namespace {

struct TextField {
  View name;
  std::optional<Bytes> Envelope::*member;
};
struct ListField {
  View name;
  std::vector<Address> Envelope::*member;
};
constexpr TextField kTexts[] = {{"Date", &Envelope::date},
                                {"Subject", &Envelope::subject},
                                {"In-Reply-To", &Envelope::inReplyTo},
                                {"Message-ID", &Envelope::messageId}};
// In the order of the wire.
constexpr ListField kLists[] = {
    {"From", &Envelope::from}, {"Sender", &Envelope::sender}, {"Reply-To", &Envelope::replyTo},
    {"To", &Envelope::to},     {"Cc", &Envelope::cc},         {"Bcc", &Envelope::bcc}};

/// Many encoders fold with a tab where a blank stood; nobody wants to see it.
Bytes unfoldSubject(View value) {
  Bytes text(value);
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\t' && text[i - 1] == '\n') text[i] = ' ';
  }
  return unfold(text);
}

void putAddresses(Bytes& out, const std::vector<Address>& addresses) {
  if (addresses.empty()) {
    out.append("NIL");
    return;
  }
  out.push_back('(');
  for (const Address& address : addresses) {
    out.push_back('(');
    putNstring(out, address.name);
    out.push_back(' ');
    putNstring(out, address.route);
    out.push_back(' ');
    putNstring(out, address.mailbox);
    out.push_back(' ');
    putNstring(out, address.host);
    out.push_back(')');
  }
  out.push_back(')');
}

std::vector<Address> readAddresses(WireReader& reader) {
  std::vector<Address> addresses;
  if (!reader.take('(')) {
    reader.nstring();
    return addresses;
  }
  while (!reader.failed() && !reader.take(')') && addresses.size() < kMaxAddresses) {
    Address address;
    reader.expect('(');
    address.name = reader.nstring();
    reader.expect(' ');
    address.route = reader.nstring();
    reader.expect(' ');
    address.mailbox = reader.nstring();
    reader.expect(' ');
    address.host = reader.nstring();
    reader.expect(')');
    addresses.push_back(std::move(address));
    if (addresses.size() == kMaxAddresses) reader.expect(')');
  }
  return addresses;
}

}  // namespace

void EnvelopeBuilder::field(View name, View value) {
  for (const TextField& text : kTexts) {
    if (!ascii::equal(name, text.name)) continue;
    // A second one breaks RFC 5322 3.6; the last counts, as in Dovecot.
    envelope_.*text.member = text.member == &Envelope::subject ? unfoldSubject(value) : unfold(value);
    return;
  }
  for (const ListField& list : kLists) {
    if (ascii::equal(name, list.name)) parseAddresses(value, envelope_.*list.member);
  }
}

Envelope EnvelopeBuilder::take() {
  Envelope envelope = std::move(envelope_);
  envelope_ = Envelope{};
  if (envelope.sender.empty()) envelope.sender = envelope.from;
  if (envelope.replyTo.empty()) envelope.replyTo = envelope.from;
  return envelope;
}

Bytes printEnvelope(const Envelope& envelope) {
  Bytes out = "(";
  putNstring(out, envelope.date);
  out.push_back(' ');
  putNstring(out, envelope.subject);
  for (const ListField& list : kLists) {
    out.push_back(' ');
    putAddresses(out, envelope.*list.member);
  }
  out.push_back(' ');
  putNstring(out, envelope.inReplyTo);
  out.push_back(' ');
  putNstring(out, envelope.messageId);
  out.push_back(')');
  return out;
}

Result<Envelope> parseEnvelope(View wire) {
  WireReader reader(wire);
  Envelope envelope;
  reader.expect('(');
  envelope.date = reader.nstring();
  reader.expect(' ');
  envelope.subject = reader.nstring();
  for (const ListField& list : kLists) {
    reader.expect(' ');
    envelope.*list.member = readAddresses(reader);
  }
  reader.expect(' ');
  envelope.inReplyTo = reader.nstring();
  reader.expect(' ');
  envelope.messageId = reader.nstring();
  reader.expect(')');
  if (reader.failed() || !reader.atEnd()) return makeError(Errc::Corrupt, "this is no cached ENVELOPE");
  return envelope;
}

}  // namespace posthorn::mime
