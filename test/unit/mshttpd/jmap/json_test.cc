// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/json.h"

#include <catch2/catch.hpp>

namespace posthorn::mshttpd::jmap {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("JSON of a stranger is read whole or refused with a reason", "[jmap]") {
  struct Row {
    const char* text;
    bool good;
  };
  const Row rows[] = {
      {R"({"a":1,"b":[true,null,-2.5,"x"]})", true},
      {R"({"a":1,"a":2})", false},             // I-JSON: no name twice
      {R"({"a":{"b":1},"c":{"b":1}})", true},  // in different objects
      {"{\"a\":\"\xFF\"}", false},             // not UTF-8
      {R"({"a":"\ud800"})", false},            // half a character
      {"", false},
      {"{", false},
      {"{} {}", false},
      {"NaN", false},
      {R"({"a":1e999})", false},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    const auto value = parseJson(row.text);
    CHECK(value.ok() == row.good);
    if (!value.ok()) CHECK(!value.error().text.empty());
  }
  CHECK(printJson(*parseJson(R"({"b":1,"a":[2]})")) == R"({"b":1,"a":[2]})");
}

TEST_CASE("JSON is bounded in depth, values and members", "[jmap]") {
  CHECK(parseJson(nested(40)).ok());
  CHECK(parseJson(nested(41)).error().code == Errc::Limit);
  CHECK(parseJson(nested(1'000'000)).error().code == Errc::Limit);
  CHECK(parseJson("[1,2,3]", {.values = 4}).ok());
  CHECK(parseJson("[1,2,3]", {.values = 3}).error().code == Errc::Limit);
  CHECK(parseJson(R"({"a":1,"b":2})", {.members = 2}).ok());
  CHECK(parseJson(R"({"a":1,"b":2})", {.members = 1}).error().code == Errc::Limit);
}

TEST_CASE("Arguments have their type, their fallback, or an error that names them", "[jmap]") {
  const Json args = *parseJson(
      R"({"yes":true,"n":-3,"u":7,"s":"text","l":["a","b"],"bad":[1],"null":null,"big":9007199254740992,"f":1.5})");
  CHECK(*boolArgument(args, "yes", false));
  CHECK(*boolArgument(args, "absent", true));
  CHECK(*boolArgument(args, "null", true));
  CHECK(boolArgument(args, "n", false).error().client == "n must be true or false");
  CHECK(*intArgument(args, "n", 0) == -3);
  CHECK(*intArgument(args, "absent", 9) == 9);
  CHECK(!intArgument(args, "big", 0).ok());
  CHECK(!intArgument(args, "f", 0).ok());
  CHECK(!intArgument(args, "s", 0).ok());
  CHECK(**unsignedArgument(args, "u") == 7);
  CHECK(!unsignedArgument(args, "n").ok());
  CHECK(!*unsignedArgument(args, "absent"));
  CHECK(**stringArgument(args, "s") == "text");
  CHECK(!stringArgument(args, "l").ok());
  CHECK(**stringsArgument(args, "l") == std::vector<std::string>{"a", "b"});
  CHECK(!stringsArgument(args, "bad").ok());
  CHECK(!*stringsArgument(args, "null"));
}

TEST_CASE("An id has the characters that RFC 8620 allows", "[jmap]") {
  CHECK(isId("a-Z_09"));
  CHECK(isId(std::string(255, 'x')));
  CHECK_FALSE(isId(std::string(256, 'x')));
  CHECK_FALSE(isId(""));
  CHECK_FALSE(isId("a.b"));
  CHECK_FALSE(isId("\xC3\xA4"));
}

TEST_CASE("Each user has one account id and each account id one user", "[jmap]") {
  const std::string users[] = {"anna", "anna@example.com", "a_b", "a-b", "\xC3\xA4rger", "x/y z", "_", "40"};
  for (const std::string& user : users) {
    INFO(user);
    CHECK(isId(accountId(user)));
    CHECK(userOf(accountId(user)) == user);
  }
  CHECK(accountId("anna@example.com") == "anna_40example_2Ecom");
  CHECK_FALSE(userOf(""));
  CHECK_FALSE(userOf("a_"));
  CHECK_FALSE(userOf("a_4"));
  CHECK_FALSE(userOf("a_4x"));
  CHECK_FALSE(userOf("a_2e"));  // small letters would be a second spelling
  CHECK_FALSE(userOf("_61"));   // 'a' needs no escape
  CHECK_FALSE(userOf("a.b"));
}

}  // namespace posthorn::mshttpd::jmap
