// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/parse/path.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::deliver::lmtp;

namespace {

Path good(View text, View left = "") {
  CAPTURE(text);
  View rest = text;
  const auto path = takePath("TO:", rest);
  REQUIRE(path.ok());
  CHECK(rest == left);
  return *path;
}

void bad(View text) {
  CAPTURE(text);
  View rest = text;
  const auto path = takePath("TO:", rest);
  REQUIRE_FALSE(path.ok());
  CHECK_FALSE(path.error().client.empty());
}

}  // namespace

TEST_CASE("a path is an address in brackets") {
  CHECK(good("TO:<anna@example.org>").text == "anna@example.org");
  CHECK(good("to: <anna@example.org> SIZE=3", " SIZE=3").lookup == "anna@example.org");
  CHECK(good("TO:<anna>").lookup == "anna");
  CHECK(good("TO:<anna+lists/2024@[127.0.0.1]>").text == "anna+lists/2024@[127.0.0.1]");
  CHECK(good("TO:<a@[IPv6:::1]>").lookup == "a@[IPv6:::1]");
}

TEST_CASE("the null path is empty") {
  CHECK(good("TO:<>").text.empty());
}

TEST_CASE("a source route is ignored") {
  CHECK(good("TO:<@one.example,@two.example:anna@example.org>").text == "anna@example.org");
  bad("TO:<@one.example>");
  bad("TO:<@one.example:>");
}

TEST_CASE("a quoted local part is looked up without its quotes") {
  const Path path = good(R"(TO:<"an \"na>\""@example.org>)");
  CHECK(path.text == R"("an \"na>\""@example.org)");
  CHECK(path.lookup == R"(an "na>"@example.org)");
  CHECK(good(R"(TO:<"a@b"@example.org>)").lookup == "a@b@example.org");
  bad(R"(TO:<"anna@example.org>)");
  bad(R"(TO:<"an"na"@example.org>)");
  bad(R"(TO:<"anna\"@example.org>)");
}

TEST_CASE("addresses beyond ASCII are UTF-8") {
  CHECK(good("TO:<j\xc3\xbcrgen@example.org>").utf8);
  CHECK_FALSE(good("TO:<jurgen@example.org>").utf8);
  bad("TO:<j\xff@example.org>");
  bad("TO:<j\xc3@example.org>");
}

TEST_CASE("what is no path is refused") {
  for (const View text :
       {"", "TO", "TO:", "TO:anna@example.org", "TO:<anna", "TO:anna>", "FROM:<anna@example.org>",
        "TO:<an na@example.org>", "TO:<anna@exam ple.org>", "TO:<anna@>", "TO:<@>", "TO:<a<b>",
        "TO:<anna@a/b>", "TO:<<anna>>", "TO:<anna,bert@example.org>", "TO:<anna@ex(a)mple>"})
    bad(text);
  bad("TO:<" + std::string(600, 'a') + "@example.org>");
}
