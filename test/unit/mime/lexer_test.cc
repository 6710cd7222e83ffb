// SPDX-License-Identifier: Apache-2.0
#include "common/mime/lexer.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mime;

TEST_CASE("blanks and comments are passed, the last comment is kept") {
  Lexer lexer(" \t\r\n (a (b) \\) c) (d\r\n e) x");
  CHECK(lexer.skipBlanks());
  CHECK(lexer.comment() == "d e");
  CHECK(lexer.peek() == 'x');
  CHECK_FALSE(lexer.skipBlanks());
  Lexer open("(no end");
  CHECK(open.skipBlanks());
  CHECK(open.atEnd());
  CHECK(open.comment() == "no end");
}

TEST_CASE("comments nest to any depth without recursion") {
  const Bytes deep(1'000'000, '(');
  Lexer lexer(deep);
  CHECK(lexer.skipBlanks());
  CHECK(lexer.atEnd());
  CHECK(lexer.comment().size() < 1000);
}

TEST_CASE("quoted strings") {
  Bytes out;
  Lexer lexer("\"a\\\"b\r\n c\\\\\"rest");
  CHECK(lexer.quotedString(out));
  CHECK(out == "a\"b c\\");
  CHECK(lexer.rest() == "rest");
  CHECK_FALSE(lexer.quotedString(out));
}

TEST_CASE("tokens") {
  Lexer lexer("a.b-c/d");
  CHECK(lexer.mimeToken() == "a.b-c");
  CHECK(lexer.mimeToken().empty());
  CHECK(lexer.take('/'));
  CHECK(lexer.until("x") == "d");
  lexer.advance(10);
  CHECK(lexer.atEnd());
}
