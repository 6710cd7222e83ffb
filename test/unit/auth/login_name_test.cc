// SPDX-License-Identifier: Apache-2.0
#include "common/auth/login_name.h"

#include <random>

#include <catch2/catch.hpp>

namespace posthorn::auth {
namespace {

using namespace std::string_literals;

TEST_CASE("SASLprep does what RFC 4013 section 3 shows") {
  CHECK(prepareQuery("I\xC2\xADX") == "IX");
  CHECK(prepareQuery("user") == "user");
  CHECK(prepareQuery("USER") == "USER");
  CHECK(prepareQuery("\xC2\xAA") == "a");
  CHECK(prepareQuery("\xE2\x85\xA8") == "IX");
  CHECK_FALSE(prepareQuery("\x07"));
  CHECK_FALSE(prepareQuery("\xD8\xA7\x31"));
  CHECK(prepareQuery("a\xC2\xA0z") == "a z");
}

TEST_CASE("SASLprep refuses what is not text, is empty or too long") {
  CHECK_FALSE(prepareQuery(""));
  CHECK_FALSE(prepareQuery("\xC2\xAD"));
  CHECK_FALSE(prepareQuery("\xFF"));
  CHECK_FALSE(prepareQuery("\xC0\x80"));
  CHECK_FALSE(prepareQuery("\xED\xA0\x80"));
  CHECK_FALSE(prepareQuery("a\0b"s));
  CHECK_FALSE(prepareQuery(std::string(kMaxName + 1, 'a')));
  CHECK(prepareQuery(std::string(kMaxName, 'a')));
}

TEST_CASE("unassigned characters may be asked for but not stored") {
  const std::string newer = "\xF0\x9F\x98\x80";  // U+1F600, after Unicode 3.2
  CHECK(prepareQuery(newer) == newer);
  CHECK_FALSE(prepareStored(newer));
  CHECK(prepareStored("geheim\xC3\xA9") == "geheim\xC3\xA9");
}

TEST_CASE("logins are split at the rightmost separator") {
  const auto split = [](std::string_view typed, std::string_view separators = "@+") {
    const auto name = splitLogin(typed, separators, "example.com");
    return name ? name->user + " " + name->domain : "nothing";
  };
  CHECK(split("anna") == "anna example.com");
  CHECK(split("Anna@Hosted.Example") == "anna hosted.example");
  CHECK(split("anna+hosted.example") == "anna hosted.example");
  CHECK(split("anna+x@hosted.example") == "anna+x hosted.example");
  CHECK(split("anna+hosted.example", "@") == "anna+hosted.example example.com");
  CHECK(split("anna%hosted.example", "@%") == "anna hosted.example");
  CHECK(split("a@b@c") == "nothing");
  CHECK(split("anna@") == "nothing");
  CHECK(split("@anna") == "nothing");
  CHECK(split("@") == "nothing");
  CHECK(split("") == "nothing");
  CHECK(split("+a") == "+a example.com");
  CHECK(split("\xC3\x84NNE@x") == "\xC3\xA4nne x");
  CHECK(splitLogin("anna@example.com", "@", "example.com")->inDefaultDomain);
  CHECK(splitLogin("anna", "@", "")->domain.empty());
  CHECK(canonicalId("anna", "example.com", "example.com") == "anna");
  CHECK(canonicalId("anna", "hosted.example", "example.com") == "anna@hosted.example");
  CHECK(canonicalId("anna", "", "") == "anna");
}

TEST_CASE("a split never crashes, and what it gives is its own split") {
  std::mt19937 random(4013);  // NOLINT: the same every time
  const std::string some = "aZ@+.\xC3\xA4\xE2\x85\xA8\0\n%"s;
  for (int round = 0; round < 20000; ++round) {
    std::string typed(random() % 16, '\0');
    for (char& c : typed) c = random() % 8 == 0 ? static_cast<char>(random()) : some[random() % some.size()];
    const auto name = splitLogin(typed, "@", "example.com");
    if (!name) continue;
    CHECK_FALSE(name->user.empty());
    CHECK(name->user.find('@') == std::string::npos);
    CHECK(name->user.find('\0') == std::string::npos);
    CHECK(name->user.find('\n') == std::string::npos);
  }
}

TEST_CASE("names of accounts keep the rules") {
  for (const char* good : {"anna", "a", "anna.ander", "anna_1", "anna-1", "o'neil", "anna@hosted.example",
                           "\xC3\xA4nne", "anna=1", "a&b", "anna#1"})
    CHECK(checkName(good).ok());
  CHECK(checkName("anna+mail").ok());
  CHECK_FALSE(checkName("anna+mail", "@+").ok());
  CHECK_FALSE(checkName("anna+mail@hosted.example", "@+").ok());
  for (const std::string& bad : {""s,
                                 "Anna"s,
                                 "an na"s,
                                 "an/na"s,
                                 "../x"s,
                                 "a..b"s,
                                 ".anna"s,
                                 "-anna"s,
                                 "~anna"s,
                                 "$anna"s,
                                 "+anna"s,
                                 "#anna"s,
                                 "an:na"s,
                                 "an*na"s,
                                 "an%na"s,
                                 "an\\na"s,
                                 "an\"na"s,
                                 "a(b"s,
                                 "a,b"s,
                                 "anna@"s,
                                 "@hosted"s,
                                 "a@b@c"s,
                                 "anna@-x"s,
                                 "anna@x..y"s,
                                 "anna@.x"s,
                                 "anna@Hosted"s,
                                 "anna@x y"s,
                                 "anna@x/y"s,
                                 "an\nna"s,
                                 "an\0na"s,
                                 "an\x7Fna"s,
                                 "an\xFFna"s,
                                 "anyone"s,
                                 "anonymous"s,
                                 "owner"s,
                                 std::string(256, 'a'),
                                 "an\xC2\xADna"s,
                                 "a\xE2\x85\xA8"s,
                                 "a;b"s,
                                 "a[b"s})
    CHECK_FALSE(checkName(bad).ok());
}

}  // namespace
}  // namespace posthorn::auth
