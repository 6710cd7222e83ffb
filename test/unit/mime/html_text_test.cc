// SPDX-License-Identifier: Apache-2.0
#include "common/mime/html_text.h"

#include <catch2/catch.hpp>

#include "common/mime/limits.h"

using namespace posthorn;
using namespace posthorn::mime;

namespace {

Bytes text(View html, HtmlText::Values values = HtmlText::Values::Drop, std::size_t window = 1'000'000) {
  HtmlText reader(values);
  Bytes out;
  for (std::size_t at = 0; at < html.size(); at += window) reader.feed(html.substr(at, window), out);
  reader.finish(out);
  return out;
}

}  // namespace

TEST_CASE("tags fall away, blocks end a line") {
  CHECK(text("a<b>b</b>c<p>d<br>e") == "abc\nd\ne");
  CHECK(text("<td>a</td><td>b") == " a  b");
  CHECK(text("a < b <3 c") == "a < b <3 c");
  CHECK(text("<a title=\"x > y\">z</a>") == "z");
}

TEST_CASE("comments, style and script fall away") {
  CHECK(text("a<!-- <b> -- > --->b") == "ab");
  CHECK(text("a<style>x > y </STYLE >b<script>if (a</b) </scr</script>c") == "abc");
  CHECK(text("a<!DOCTYPE x>b<?xml?>c") == "a\nb\nc");
  CHECK(text("a<!-- no end") == "a");
}

TEST_CASE("character references") {
  CHECK(text("&amp;&lt;&uuml;&#252;&#xFC;&euro;&apos;") == "&<\xC3\xBC\xC3\xBC\xC3\xBC\xE2\x82\xAC'");
  CHECK(text("a & b &unknown; &#; &#x110000; &") == "a & b &unknown &# \xEF\xBF\xBD &");
  CHECK(text("&lt") == "<");
}

TEST_CASE("values worth a search") {
  CHECK(text("<a href=\"http://x?a&amp;b\">y</a>", HtmlText::Values::Keep) == " http://x?a&b y");
  CHECK(text("<img src=data:image/png;base64,AAAA alt='a b'>", HtmlText::Values::Keep) == "  a b ");
  CHECK(text("<a class=x href=y>", HtmlText::Values::Keep) == " y ");
}

TEST_CASE("a tag that does not end takes constant memory and no text behind its bound") {
  const Bytes html = "a<b x=\"" + Bytes(3 * kMaxHtmlTag, 'y') + ">z";
  CHECK(text(html, HtmlText::Values::Keep) == "az");
}

TEST_CASE("text of HTML does not depend on the cut") {
  const View html =
      "a<b>b &am &amp; &uuml<p class=\"x\" title='&lt;'>c<!-- - -- --><style>x</style>&#x41;<a "
      "href=http://u>v</a><title>t</title>d<";
  for (const auto values : {HtmlText::Values::Drop, HtmlText::Values::Keep}) {
    for (const std::size_t window : {1, 2, 3, 7}) CHECK(text(html, values, window) == text(html, values));
  }
}
