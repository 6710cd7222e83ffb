// SPDX-License-Identifier: Apache-2.0
#include "common/mime/wire.h"

#include <catch2/catch.hpp>

#include "common/mime/wire_reader.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

Bytes put(View text) {
  Bytes out;
  putString(out, text);
  return out;
}

}  // namespace

TEST_CASE("strings are quoted where they can be") {
  CHECK(put("") == "\"\"");
  CHECK(put("a\\\"b") == "\"a\\\\\\\"b\"");
  CHECK(put("\xC3\xBC") == "{2}\r\n\xC3\xBC");
  CHECK(put("a\r\nb") == "{4}\r\na\r\nb");
  CHECK(put(View("a\0b", 3)) ==
        "{5}\r\na\xEF\xBF\xBD"
        "b");
  CHECK(put(Bytes(2000, 'x')).substr(0, 8) == "{2000}\r\n");
  Bytes out;
  putNstring(out, std::nullopt);
  CHECK(out == "NIL");
}

TEST_CASE("what is put reads back") {
  for (const View text : {View(""), View("a\\\"b"), View("\xFF\r\n"), View("NIL"), View("{3}")}) {
    const Bytes wire = put(text);
    WireReader reader(wire);
    CHECK(reader.nstring() == Bytes(text));
    CHECK(reader.atEnd());
    CHECK_FALSE(reader.failed());
  }
}

TEST_CASE("values are passed over whole") {
  const View wire = "(\"a)\" (NIL {2}\r\n)( 12) ()) 7";
  WireReader reader(wire);
  reader.skipValue();
  CHECK(reader.since(0) == wire.substr(0, wire.size() - 2));
  for (const View bad : {"(", "\"", "{5}\r\nab", "{", "x", "", ")", "(\"a\"", "{-1}\r\n"}) {
    WireReader broken(bad);
    broken.skipValue();
    CHECK(broken.failed());
  }
}
