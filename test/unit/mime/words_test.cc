// SPDX-License-Identifier: Apache-2.0
#include "common/mime/words.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mime;

TEST_CASE("the examples of RFC 2047 8") {
  CHECK(decodeWords("(=?ISO-8859-1?Q?a?=)") == "(a)");
  CHECK(decodeWords("(=?ISO-8859-1?Q?a?= b)") == "(a b)");
  CHECK(decodeWords("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)") == "(ab)");
  CHECK(decodeHeader("(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)") == "(ab)");
  CHECK(decodeWords("(=?ISO-8859-1?Q?a_b?=)") == "(a b)");
  CHECK(decodeWords("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)") == "(a b)");
}

TEST_CASE("both encodings, in any case, with a language") {
  CHECK(decodeWords("=?utf-8?B?w7w=?=") == "\xC3\xBC");
  CHECK(decodeWords("=?UTF-8?b?w7w?= x") == "\xC3\xBC x");
  CHECK(decodeWords("=?utf-8*de?q?=c3=bc?=") == "\xC3\xBC");
  CHECK(decodeWords("=?utf-8?q?a_?=b") == "a b");
}

TEST_CASE("a character cut between two words is joined") {
  CHECK(decodeWords("=?utf-8?q?=C3?= =?utf-8?q?=BC?=") == "\xC3\xBC");
  CHECK(decodeWords("=?utf-8?b?4oI=?=\t=?utf-8?b?rA==?=") == "\xE2\x82\xAC");
}

TEST_CASE("what is broken stays as it is written") {
  for (const View text : {"=?utf-8?q?abc", "=?utf-8?x?abc?=", "=?utf-8?q?abc?",
                          "=??q?abc?=", "=?x-nowhere?q?abc?=", "=?", "a =? b ?= c", "=?utf-8?=?="})
    CHECK(decodeWords(text) == text);
  CHECK(decodeWords("=?utf-8?q?a b?=") == "a b");
  CHECK(decodeWords("=?utf-8?q?x=?utf-8?q?y?=") == "=?utf-8?q?xy");
}

TEST_CASE("raw 8-bit octets") {
  CHECK(decodeWords("\xC3\xBC") == "\xC3\xBC");
  CHECK(decodeWords("\xFC") == "\xC3\xBC");
}

TEST_CASE("encoded control characters are dropped") {
  CHECK(decodeWords("=?utf-8?q?a=0D=0AB?=") == "aB");
  CHECK(decodeWords("=?utf-8?q?a=00=09=1B=7F=C2=85=C2=A0B?=") ==
        "a\xC2\xA0"
        "B");
  CHECK(decodeWords("a\tb\r\nc") == "a\tb  c");
}

TEST_CASE("where places count, only words that stand as they must are read") {
  const auto proper = [](View text) { return decodeWords(text, WordPlaces::Proper); };
  CHECK(proper("=?utf-8?q?a?= b =?utf-8?q?c?=") == "a b c");
  CHECK(proper("(=?utf-8?q?a?= =?utf-8?q?b?=), =?utf-8?q?c?=,d =?utf-8?q?e?=<f>") == "(ab), c,d e<f>");
  for (const View text : {"a=?utf-8?q?b?=", "=?utf-8?q?b?=c", "=?utf-8?q?b c?=", "=?utf-8?q?a?==?utf-8?q?b?=",
                          "\"=?utf-8?q?a?=\"", "x.=?utf-8?q?a?="})
    CHECK(proper(text) == text);
}

TEST_CASE("many words cost no more than their length") {
  Bytes text;
  for (int i = 0; i < 50'000; ++i) text.append("=?a?q?x");
  CHECK(decodeWords(text) == text);
}
