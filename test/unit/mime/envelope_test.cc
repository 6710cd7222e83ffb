// SPDX-License-Identifier: Apache-2.0
#include "common/mime/envelope.h"

#include <catch2/catch.hpp>

#include "common/mime/header.h"
#include "test/unit/mime/messages.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

Envelope built(View header) {
  EnvelopeBuilder builder;
  for (const Field& field : headerFields(header)) builder.field(field.name, field.value);
  return builder.take();
}

}  // namespace

TEST_CASE("the envelope of RFC 3501's example") {
  const Envelope envelope =
      built(crlf("Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\nFrom: Terry Gray <gray@cac.washington.edu>\n"
                 "Subject: IMAP4rev1 WG mtg summary and minutes\nTo: imap@cac.washington.edu\n"
                 "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\nMessage-Id: "
                 "<B27397-0100000@cac.washington.edu>\n"));
  CHECK(printEnvelope(envelope) ==
        "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" "
        "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" "
        "\"cac.washington.edu\")) "
        "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((NIL NIL \"imap\" \"cac.washington.edu\")) "
        "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
        "\"<B27397-0100000@cac.washington.edu>\")");
}

TEST_CASE("absent is NIL, empty is empty; empty Sender and Reply-To come from From") {
  const Envelope envelope = built("From: a@b\r\nSubject:\r\nSender: \r\nReply-To: g:;\r\n");
  CHECK(envelope.subject == Bytes());
  CHECK_FALSE(envelope.date);
  CHECK(envelope.sender == envelope.from);
  CHECK(envelope.replyTo.size() == 2);
}

TEST_CASE("several fields of one name: lists are joined, of texts the last counts") {
  const Envelope envelope = built("To: a@b\r\nTo: c@d\r\nSubject: 1\r\nSubject: 2\r\n");
  CHECK(envelope.to.size() == 2);
  CHECK(envelope.subject == "2");
}

TEST_CASE("subjects unfold with a blank for a tab") {
  CHECK(built("Subject: a\r\n\tb\r\n").subject == "a b");
  CHECK(built("Subject: a\r\n  b\tc\r\n").subject == "a  b\tc");
}

TEST_CASE("a printed envelope reads back") {
  const Envelope envelope = built(
      "From: \"\xC3\xBC \\\" \" <a@b>\r\nTo: g: x@y;\r\nSubject: \xFF\\ \"\r\nMessage-ID: \r\nCc: A "
      "<@r:a@b>, c\r\n");
  const auto again = parseEnvelope(printEnvelope(envelope));
  REQUIRE(again.ok());
  CHECK(*again == envelope);
}

TEST_CASE("what is no envelope is refused") {
  const Bytes wire = printEnvelope(built("From: a@b\r\nSubject: \xFFx\r\n"));
  for (std::size_t length = 0; length < wire.size(); ++length)
    CHECK_FALSE(parseEnvelope(wire.substr(0, length)).ok());
  CHECK_FALSE(parseEnvelope(wire + " ").ok());
  CHECK_FALSE(parseEnvelope("(NIL {99999999999999999999}\r\nx").ok());
  CHECK_FALSE(parseEnvelope("(NIL {18446744073709551615}\r\nx").ok());
}
