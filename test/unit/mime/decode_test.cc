// SPDX-License-Identifier: Apache-2.0
#include "common/mime/decode.h"

#include <catch2/catch.hpp>

#include "common/base/base64.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

Bytes decoded(Encoding encoding, View text, std::size_t window = 1'000'000, bool* damaged = nullptr) {
  TransferDecoder decoder(encoding);
  Bytes out;
  for (std::size_t at = 0; at < text.size(); at += window) decoder.feed(text.substr(at, window), out);
  decoder.finish(out);
  if (damaged != nullptr) *damaged = decoder.damaged();
  return out;
}
Bytes quoted(View text) {
  return decoded(Encoding::QuotedPrintable, text);
}
Bytes base(View text) {
  return decoded(Encoding::Base64, text);
}

}  // namespace

TEST_CASE("base64 of any length reads back") {
  Bytes octets;
  for (int i = 0; i < 300; ++i) {
    CHECK(base(base64::encode(octets)) == octets);
    octets.push_back(static_cast<char>(i * 7));
  }
}

TEST_CASE("base64 as it comes") {
  CHECK(base("aGVs\r\nbG8=\r\n") == "hello");
  CHECK(base("aGVsbG8") == "hello");
  CHECK(base("aG!Vs*bG8=") == "hello");
  CHECK(base("aGk=aGk=") == "hihi");
  CHECK(base("=") == "");
  CHECK(base("a") == "");
  bool damaged = false;
  decoded(Encoding::Base64, "aGk=\r\n", 99, &damaged);
  CHECK_FALSE(damaged);
  decoded(Encoding::Base64, "aG-k", 99, &damaged);
  CHECK(damaged);
}

TEST_CASE("quoted-printable") {
  CHECK(quoted("a=3D=C3=BC=e9\r\n") == "a=\xC3\xBC\xE9\r\n");
  CHECK(quoted("soft =\r\nend") == "soft end");
  CHECK(quoted("soft = \t\r\nend") == "soft end");
  CHECK(quoted("blanks \t \r\nx") == "blanks\r\nx");
  CHECK(quoted("in the middle x") == "in the middle x");
  CHECK(quoted("at the end  ") == "at the end");
  CHECK(quoted("a\nb=\nc") == "a\nbc");
}

TEST_CASE("broken quoted-printable stays as it is") {
  CHECK(quoted("a=xyz") == "a=xyz");
  CHECK(quoted("a=4") == "a=4");
  CHECK(quoted("a=4\r\nb") == "a=4\r\nb");
  CHECK(quoted("==41") == "=A");
  CHECK(quoted("= x") == "= x");
  CHECK(quoted("a=") == "a");
  bool damaged = false;
  decoded(Encoding::QuotedPrintable, "a=zz", 99, &damaged);
  CHECK(damaged);
}

TEST_CASE("what is decoded does not depend on the cut") {
  const Bytes text = "a =3D=C3=BC= \t \r\n \t\r\n==\r\r\n=4=41=z \r\nYWJj\r\nZGVm=YQ==" + Bytes(2500, ' ') +
                     "\r\n=" + Bytes(1500, '\t') + "\r\nend =";
  for (const Encoding encoding :
       {Encoding::Base64, Encoding::QuotedPrintable, Encoding::Identity, Encoding::Unknown}) {
    const Bytes whole = decoded(encoding, text);
    for (const std::size_t window : {1, 2, 3, 5, 64}) CHECK(decoded(encoding, text, window) == whole);
  }
  CHECK(decoded(Encoding::Identity, text) == text);
}
