// SPDX-License-Identifier: Apache-2.0
#include "common/mime/header.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mime;

TEST_CASE("unfolding takes line ends out and nothing else") {
  CHECK(unfold(" a\r\n b") == "a b");
  CHECK(unfold("a\r\n\tb") == "a\tb");
  CHECK(unfold("\r\n a \r\n  b \r\n") == "a   b");
  CHECK(unfold("a\rb") == "a b");
  CHECK(unfold(" ").empty());
}

TEST_CASE("fields of a header block") {
  const auto fields = headerFields(
      " odd\r\nSubject : x\r\n y\r\ngarbage\r\n more\r\nFrom a@b Mon 10:00\r\n: z\r\nTo:\r\n\r\nNot: me\r\n");
  REQUIRE(fields.size() == 2);
  CHECK(fields[0].name == "Subject");
  CHECK(fields[0].value == " x\r\n y");
  CHECK(fields[1].name == "To");
  CHECK(findField("a: 1\r\nB: 2\r\nb: 3\r\n", "b") == View(" 2"));
  CHECK_FALSE(findField("a: 1", "c"));
}

TEST_CASE("a filter keeps whole fields in their order and the empty line") {
  const View header = "A: 1\r\nb: 2\r\n\tx\r\nA : 3\r\ngarbage\r\n\r\n";
  CHECK(filterHeader(header, {"a"}, FieldChoice::Only) == "A: 1\r\nA : 3\r\n\r\n");
  CHECK(filterHeader(header, {"B", "c"}, FieldChoice::Only) == "b: 2\r\n\tx\r\n\r\n");
  CHECK(filterHeader(header, {"a"}, FieldChoice::Not) == "b: 2\r\n\tx\r\ngarbage\r\n\r\n");
  CHECK(filterHeader(header, {}, FieldChoice::Not) == header);
  CHECK(filterHeader("A: 1", {"a"}, FieldChoice::Only) == "A: 1");
  CHECK(filterHeader("Subject", {"subject"}, FieldChoice::Only).empty());
  CHECK(filterHeader("Subject  x: y\r\n", {"subject"}, FieldChoice::Only).empty());
  CHECK(filterHeader(" first\r\n", {"a"}, FieldChoice::Not) == " first\r\n");
}

TEST_CASE("a filter's answer does not depend on the cut") {
  const Bytes header =
      "A: 1\r\nb: 2\r\n\tx\r\nA \t: 3\r\nA" + Bytes(400, ' ') + ": 4\r\ngarb\rage\r\n\r\r\nA: 5\n\r\n";
  for (const FieldChoice choice : {FieldChoice::Only, FieldChoice::Not}) {
    const Bytes whole = filterHeader(header, {"a", "longer-name"}, choice);
    for (const std::size_t window : {1, 2, 3, 7}) {
      HeaderFilter filter({"a", "longer-name"}, choice);
      Bytes out;
      for (std::size_t at = 0; at < header.size(); at += window)
        filter.feed(View(header).substr(at, window), out);
      filter.finish(out);
      CHECK(out == whole);
    }
  }
}
