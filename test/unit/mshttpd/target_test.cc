// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/target.h"

#include <catch2/catch.hpp>

#include "mshttpd/http/gzip.h"
#include "mshttpd/http/router.h"

using namespace posthorn;
using namespace posthorn::mshttpd::http;

TEST_CASE("a target is taken apart", "[http]") {
  const auto target =
      parseTarget("/jmap/download/a%40b/x%2Fy/caf%C3%A9.txt?accept=text%2Fplain&a+b=c+d&flag");
  REQUIRE(target.ok());
  CHECK(target->segments == std::vector<std::string>{"jmap", "download", "a@b", "x/y", "café.txt"});
  CHECK(target->query == Parameters{{"accept", "text/plain"}, {"a b", "c d"}, {"flag", ""}});
}

TEST_CASE("targets that go elsewhere are none", "[http]") {
  for (const char* text :
       {"/a/../b", "/..", "/a/%2e%2e/b", "/%2E", "/a%00b", "/a%zz", "/a%4", "/%ff", "x", "/?a=%"}) {
    INFO(text);
    CHECK_FALSE(parseTarget(text).ok());
  }
}

TEST_CASE("patterns take segments whole", "[http]") {
  Parameters values;
  CHECK(fits("/jmap/upload/{accountId}", {"jmap", "upload", "a/b"}, values));
  CHECK(values == Parameters{{"accountId", "a/b"}});
  CHECK_FALSE(fits("/jmap/upload/{accountId}", {"jmap", "upload"}, values));
  CHECK_FALSE(fits("/jmap/upload/{accountId}", {"jmap", "upload", "a", "b"}, values));
}

TEST_CASE("routes are found by method and path", "[http]") {
  const auto find = [](const char* method, const char* path) { return match(method, *parseTarget(path)); };
  REQUIRE(find("POST", "/jmap/api").entry != nullptr);
  CHECK(find("POST", "/jmap/api").entry->login == Login::Needed);
  CHECK(find("GET", "/jmap/api").entry == nullptr);
  CHECK(find("GET", "/jmap/api").allowed == "POST");
  CHECK(find("HEAD", "/session").entry != nullptr);
  CHECK(find("GET", "/nowhere").entry == nullptr);
  CHECK(find("GET", "/nowhere").allowed.empty());
}

TEST_CASE("codings are accepted as the client says", "[http]") {
  CHECK(acceptsCoding("gzip, deflate, br", "gzip"));
  CHECK(acceptsCoding("gzip;q=0.5", "gzip"));
  CHECK(acceptsCoding("*", "gzip"));
  CHECK_FALSE(acceptsCoding("gzip;q=0", "gzip"));
  CHECK_FALSE(acceptsCoding("gzip; q=0.000, *", "gzip"));
  CHECK_FALSE(acceptsCoding("", "gzip"));
  CHECK_FALSE(acceptsCoding("deflate, br", "gzip"));
}
