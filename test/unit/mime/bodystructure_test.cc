// SPDX-License-Identifier: Apache-2.0
#include "common/mime/bodystructure.h"

#include <catch2/catch.hpp>

#include "common/mime/limits.h"
#include "test/unit/mime/messages.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

Bytes printed(View text, Dialect dialect = Dialect::Rev1) {
  return printBodystructure(parseMessage(crlf(text)), dialect);
}
Bytes body(View text) {
  return std::move(bodyOfBodystructure(printed(text))).valueOr("refused");
}

}  // namespace

TEST_CASE("a message without Content-Type is text/plain") {
  CHECK(printed("Subject: x\n\none\ntwo\n") ==
        R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 2 NIL NIL NIL NIL))");
  CHECK(body("Subject: x\n\none\ntwo\n") == R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 2))");
}

TEST_CASE("all fields of a part") {
  CHECK(
      printed(
          "Content-Type: APPLICATION/Pdf; name=x; a=\"b c\"\nContent-ID: <1>\nContent-Description: d\n"
          "Content-Transfer-Encoding: BASE64\nContent-MD5: m==\nContent-Disposition: attachment; filename=x\n"
          "Content-Language: en, de\nContent-Location: l\n\nAA\n") ==
      R"(("APPLICATION" "Pdf" ("name" "x" "a" "b c") "<1>" "d" "BASE64" 4 "m==" ("attachment" ("filename" "x")) ("en" "de") "l"))");
}

TEST_CASE("multiparts, and one without parts") {
  CHECK(
      printed(multipart("--b\n\nx\n--b\nContent-Type: text/html\n\ny\n--b--\n", "alternative")) ==
      R"((("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL))"
      R"(("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL) "alternative" ("boundary" "b") NIL NIL NIL))");
  CHECK(body(multipart("none\n")) ==
        R"((("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0) "mixed"))");
}

TEST_CASE("a message inside") {
  const View message = "Content-Type: message/rfc822\n\nSubject: in\n\nx\n";
  CHECK(printed(message) ==
        R"(("message" "rfc822" NIL NIL NIL "7bit" 18 (NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL) )"
        R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL))");
  CHECK(body(message) ==
        R"(("message" "rfc822" NIL NIL NIL "7bit" 18 (NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL) )"
        R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 1) 3))");
}

TEST_CASE("message/global has a structure for RFC 9051 only") {
  const View message = "Content-Type: message/global\nContent-MD5: m\n\nSubject: in\n\nx\n";
  CHECK(printed(message) == R"(("message" "global" NIL NIL NIL "7bit" 18 "m" NIL NIL NIL))");
  CHECK(body(message) == R"(("message" "global" NIL NIL NIL "7bit" 18))");
  const Bytes rev2 = printed(message, Dialect::Rev2);
  CHECK(rev2.find(R"((NIL "in" NIL)") != Bytes::npos);
  CHECK(bodyOfBodystructure(rev2).ok());
}

TEST_CASE("8-bit octets, quotes and long texts are quoted or literal") {
  CHECK(printed("Content-Type: text/plain; name=\"\xC3\xBC\"\n\n") ==
        "(\"text\" \"plain\" (\"name\" {2}\r\n\xC3\xBC \"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0 NIL "
        "NIL NIL NIL)");
  CHECK(body("Content-ID: a\"\\b\n\n").find(R"("a\"\\b")") != Bytes::npos);
  CHECK(body("Content-ID: " + Bytes(2000, 'x') + "\n\n").find("{2000}\r\n") != Bytes::npos);
}

TEST_CASE("BODY of the deepest message") {
  Bytes message;
  for (std::size_t i = 0; i < kMaxDepth; ++i) message.append("Content-Type: message/rfc822\n\n");
  CHECK(body(message) != "refused");
  Bytes tooDeep;
  for (int i = 0; i < 100'000; ++i) tooDeep.push_back('(');
  CHECK_FALSE(bodyOfBodystructure(tooDeep).ok());
}

TEST_CASE("every message's structure gives a BODY, nothing cut does") {
  for (const Bytes& message : hardMessages()) {
    const Bytes wire = printBodystructure(parseMessage(message));
    CHECK(bodyOfBodystructure(wire).ok());
    for (std::size_t length = 0; length < wire.size(); length += 7)
      CHECK_FALSE(bodyOfBodystructure(wire.substr(0, length)).ok());
  }
}
