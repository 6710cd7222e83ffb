// SPDX-License-Identifier: Apache-2.0
#include "common/auth/password.h"

#include <catch2/catch.hpp>

#include "common/auth/login_name.h"

namespace posthorn::auth {
namespace {

Secret secret(std::string text) {
  return Secret(std::move(text));
}

TEST_CASE("each scheme makes hashes that its password alone fits") {
  struct Case {
    const char* scheme;
    unsigned cost;
    const char* prefix;
  };
  for (const Case& c :
       {Case{"yescrypt", 1, "$y$"}, Case{"gost-yescrypt", 1, "$gy$"}, Case{"scrypt", 6, "$7$"},
        Case{"bcrypt", 4, "$2b$04$"}, Case{"sha512crypt", 1000, "$6$rounds=1000$"},
        Case{"sha256crypt", 1000, "$5$rounds=1000$"}}) {
    INFO(c.scheme);
    const auto hash = hashPassword(secret("geheim"), c.scheme, c.cost);
    REQUIRE(hash.ok());
    CHECK(hash->rfind(c.prefix, 0) == 0);
    CHECK(schemeOf(*hash) == c.scheme);
    CHECK(*passwordMatches(secret("geheim"), *hash));
    CHECK_FALSE(*passwordMatches(secret("Geheim"), *hash));
    CHECK_FALSE(*passwordMatches(secret("geheim "), *hash));
    CHECK(*parseHash("{CRYPT}" + *hash) == *hash);
    CHECK(*parseHash(*hash) == *hash);
    CHECK(*hashPassword(secret("geheim"), c.scheme, c.cost) != *hash);
  }
}

TEST_CASE("what cannot be hashed is refused") {
  CHECK_FALSE(hashPassword(secret(""), "yescrypt", 1).ok());
  CHECK_FALSE(hashPassword(secret(std::string(512, 'a')), "yescrypt", 1).ok());
  CHECK(hashPassword(secret(std::string(511, 'a')), "yescrypt", 1).ok());
  CHECK_FALSE(hashPassword(secret(std::string("a\0b", 3)), "yescrypt", 1).ok());
  CHECK_FALSE(hashPassword(secret(std::string(73, 'a')), "bcrypt", 4).ok());
  CHECK_FALSE(hashPassword(secret("a"), "yescrypt", 99).ok());
  CHECK_FALSE(hashPassword(secret("a"), "bcrypt", 99).ok());
  CHECK_FALSE(hashPassword(secret("a"), "des", 0).ok());
  CHECK_FALSE(hashPassword(secret("a"), "md5crypt", 0).ok());
}

TEST_CASE("hashes of other systems are known by their shape") {
  const std::string md5 = "$1$0w1WTSyL$7QIxvsGM/rbIZsUqAafve1";
  CHECK(*parseHash(md5) == md5);
  CHECK(*parseHash("{MD5-CRYPT}" + md5) == md5);
  CHECK(*passwordMatches(secret("hello"), md5));
  const std::string bcrypt = "$2y$05$5PU35VhRUcSOgn6g2xPubOXVboEwCEVqiPdQDdZYlx1QAoHR1AKAG";
  CHECK(*parseHash("{BLF-CRYPT}" + bcrypt) == bcrypt);
  CHECK(*passwordMatches(secret("hello"), bcrypt));
  CHECK(parseHash("{SHA512-CRYPT}" + bcrypt).error().code == Errc::Invalid);
  CHECK(parseHash("{SSHA}deadbeef").error().code == Errc::Unsupported);
  CHECK(parseHash("{PLAIN}secret").error().code == Errc::Unsupported);
  CHECK(parseHash("{CRYPT" + bcrypt).error().code == Errc::Invalid);
  CHECK(parseHash("{}" + bcrypt).error().code == Errc::Unsupported);
  CHECK(parseHash(bcrypt.substr(0, 59)).error().code == Errc::Invalid);
  CHECK(parseHash(bcrypt + "a").error().code == Errc::Invalid);
  CHECK(parseHash("$2y$31$5PU35VhRUcSOgn6g2xPubOXVboEwCEVqiPdQDdZYlx1QAoHR1AKAG").error().code ==
        Errc::Invalid);
  CHECK(parseHash("$6$rounds=999999999$abc$" + std::string(86, 'a')).error().code == Errc::Invalid);
  CHECK(parseHash("$6$" + std::string(86, 'a')).error().code == Errc::Invalid);
  CHECK(parseHash("$6$ab:c$" + std::string(86, 'a')).error().code == Errc::Invalid);
  CHECK(parseHash("abJnggxhB/yWI").error().code == Errc::Unsupported);
  CHECK(parseHash("").error().code == Errc::Unsupported);
  CHECK(passwordMatches(secret("a"), "*").error().code == Errc::Unsupported);
}

TEST_CASE("made-up passwords are good ones, each another") {
  const Secret a = randomPassword();
  CHECK(a.size() == 29);
  CHECK(a.view() != randomPassword().view());
  CHECK(prepareStored(a.view()) == a.view());
}

TEST_CASE("secrets leave nothing where they were") {
  Secret a = secret("a long enough password to live on the heap");
  const char* place = a.view().data();
  Secret b(std::move(a));
  CHECK(b.view().data() == place);
  CHECK(a.empty());  // NOLINT(bugprone-use-after-move): what is left is the point
  b = secret("other");
  CHECK(b.view() == "other");
  std::string text = "secret";
  wipe(text);
  CHECK(text.empty());
}

}  // namespace
}  // namespace posthorn::auth
