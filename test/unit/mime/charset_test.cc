// SPDX-License-Identifier: Apache-2.0
#include "common/mime/charset.h"

#include <catch2/catch.hpp>

#include "common/base/utf8.h"

using namespace posthorn;
using namespace posthorn::mime;

TEST_CASE("charsets become UTF-8") {
  CHECK(toUtf8("\xFC\xDF", "iso-8859-1") == "\xC3\xBC\xC3\x9F");
  CHECK(toUtf8("\x80 5", "ISO-8859-1") == "\xE2\x82\xAC 5");
  CHECK(toUtf8("\xA4", "iso-8859-15") == "\xE2\x82\xAC");
  CHECK(toUtf8("\x82\xA0", "shift_jis") == "\xE3\x81\x82");
  CHECK(toUtf8("\x1B$B$\"\x1B(B", "iso-2022-jp") == "\xE3\x81\x82");
  CHECK(toUtf8("\xD0\xD2", "koi8-r") == "\xD0\xBF\xD1\x80");
  CHECK(toUtf8("\xC4\xE3", "gb2312") == "\xE4\xBD\xA0");
  CHECK(toUtf8("a+AOQ-b", "utf-7") ==
        "a\xC3\xA4"
        "b");
  CHECK(toUtf8(View("\xFF\xFE\x3D\xD8\x00\xDE", 6), "utf-16") == "\xF0\x9F\x98\x80");
}

TEST_CASE("text that says nothing of its charset") {
  CHECK(toUtf8("\xC3\xBC", "") == "\xC3\xBC");
  CHECK(toUtf8("\xFC", "us-ascii") == "\xC3\xBC");
  CHECK(toUtf8("\xC3\xBC\xFCz", "us-ascii") == "\xC3\xBC\xC3\xBCz");
}

TEST_CASE("octets that UTF-8 does not have are replaced") {
  CHECK(toUtf8("a\xFFz", "utf-8") == "a\xEF\xBF\xBDz");
  CHECK(toUtf8("a\xC3", "UTF-8") == "a\xEF\xBF\xBD");
}

TEST_CASE("an unknown charset passes everything on") {
  CHECK(toUtf8("\xFC\x01", "x-nowhere") == "\xFC\x01");
  CHECK_FALSE(CharsetDecoder("x-nowhere").known());
  for (const View name :
       {View("x-nowhere"), View(""), View("utf-8,swaplfnl"), View("../x"), View("a\0b", 3), View("=?")})
    CHECK_FALSE(knownCharset(name));
  for (const View name : {"utf-8", "US-ASCII", "iso-8859-8-i", "windows-1252", "big5"})
    CHECK(knownCharset(name));
}

TEST_CASE("text of a charset does not depend on the cut") {
  const Bytes text =
      "a\xC3\xBC\xF0\x9F\x98\x80\xE2\x82\xFF\xC3\x1B$B$\"$$\x1B(B\x82\xA0\xF0\x9F\xC3\xA4+AOQ-"
      "\xED\xA0\x80\xF4\x90\x80\x80 end\xE2\x82";
  for (const View charset : {"utf-8", "us-ascii", "iso-8859-1", "iso-2022-jp", "shift_jis", "gb18030",
                             "utf-7", "utf-16le", "x-nowhere"}) {
    const Bytes whole = toUtf8(text, charset);
    if (charset != "x-nowhere") CHECK(utf8::valid(whole));
    for (const std::size_t window : {1, 2, 3, 5}) {
      CharsetDecoder decoder(charset);
      Bytes out;
      for (std::size_t at = 0; at < text.size(); at += window)
        decoder.feed(View(text).substr(at, window), out);
      decoder.finish(out);
      INFO(charset);
      CHECK(out == whole);
    }
  }
}
