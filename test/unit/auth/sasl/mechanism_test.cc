// SPDX-License-Identifier: Apache-2.0
#include "common/auth/sasl/mechanism.h"

#include <random>

#include <catch2/catch.hpp>

namespace posthorn::auth::sasl {
namespace {

using namespace std::string_literals;

const std::vector<std::string> kBoth{"PLAIN", "LOGIN"};

// What a step is, in a word or two.
std::string say(const Step& step) {
  if (const auto* challenge = std::get_if<Challenge>(&step)) return "? " + challenge->text;
  if (const auto* c = std::get_if<Credentials>(&step))
    return c->authzid + "|" + c->authcid + "|" + std::string(c->password.view());
  return "! " + std::string(toString(std::get<Failed>(step).reason));
}

std::string plain(const std::string& message) {
  return say(make("PLAIN", kBoth, 0, {})->start(message));
}

TEST_CASE("PLAIN takes one message of three parts") {
  CHECK(plain("\0tim\0tanstaaftanstaaf"s) == "|tim|tanstaaftanstaaf");
  CHECK(plain("Ursel\0Kurt\0xipj3plmq"s) == "Ursel|Kurt|xipj3plmq");
  CHECK(plain("\0tim\0"s) == "|tim|");
  CHECK(plain("") == "! bad-exchange");
  CHECK(plain("tim") == "! bad-exchange");
  CHECK(plain("\0tim"s) == "! bad-exchange");
  CHECK(plain("\0\0secret"s) == "! bad-exchange");
  CHECK(plain("\0tim\0sec\0ret"s) == "! bad-exchange");
  CHECK(plain("\0tim\0secret\0"s) == "! bad-exchange");
  CHECK(plain("\0"s + std::string(255, 'a') + "\0"s + std::string(255, 'b')) ==
        "|" + std::string(255, 'a') + "|" + std::string(255, 'b'));
  CHECK(plain("\0"s + std::string(600, 'a') + "\0b"s) == "! bad-name");
  CHECK(plain("\0a\0"s + std::string(5000, 'a')) == "! bad-exchange");
}

TEST_CASE("PLAIN without an initial response asks with nothing") {
  auto mechanism = make("plain", kBoth, 0, {});
  REQUIRE(mechanism);
  CHECK(say(mechanism->start(std::nullopt)) == "? ");
  CHECK(say(mechanism->next("\0tim\0secret"s)) == "|tim|secret");
}

TEST_CASE("LOGIN asks for a name and a password") {
  auto mechanism = make("LOGIN", kBoth, 0, {});
  REQUIRE(mechanism);
  CHECK(say(mechanism->start(std::nullopt)) == "? Username:");
  CHECK(say(mechanism->next("tim")) == "? Password:");
  CHECK(say(mechanism->next("secret")) == "|tim|secret");
  mechanism = make("LOGIN", kBoth, 0, {});
  CHECK(say(mechanism->start("tim")) == "? Password:");
  CHECK(say(mechanism->next("")) == "|tim|");
  mechanism = make("LOGIN", kBoth, 0, {});
  CHECK(say(mechanism->start("")) == "? Username:");
  CHECK(say(mechanism->next("")) == "! bad-exchange");
  mechanism = make("LOGIN", kBoth, 0, {});
  CHECK(say(mechanism->start("a\0b"s)) == "! bad-exchange");
  mechanism = make("LOGIN", kBoth, 0, {});
  CHECK(say(mechanism->start(std::string(600, 'a'))) == "! bad-name");
}

TEST_CASE("what is offered depends on the list, on TLS and on plaintextmincipher") {
  const Channel clear;
  const Channel weak{true, 64};
  const Channel strong{true, 256};
  using Names = std::vector<std::string_view>;
  CHECK(offered({"PLAIN"}, 0, clear) == Names{"PLAIN"});
  CHECK(offered({"LOGIN", "PLAIN"}, 0, clear) == Names{"LOGIN", "PLAIN"});
  CHECK(offered(kBoth, 128, clear).empty());
  CHECK(offered(kBoth, 128, weak).empty());
  CHECK(offered(kBoth, 128, strong) == Names{"PLAIN", "LOGIN"});
  CHECK(offered(kBoth, 1, weak) == Names{"PLAIN", "LOGIN"});
  CHECK(offered(kBoth, -1, strong).empty());
  CHECK(offered({"SCRAM-SHA-256"}, 0, strong).empty());
  CHECK_FALSE(make("LOGIN", {"PLAIN"}, 0, strong));
  CHECK_FALSE(make("PLAIN", {"PLAIN"}, 128, clear));
  CHECK_FALSE(make("EXTERNAL", {"EXTERNAL"}, 0, strong));
  CHECK_FALSE(make("", kBoth, 0, strong));
  CHECK(isBuilt("plain"));
  for (const char* later :
       {"SCRAM-SHA-1", "SCRAM-SHA-256", "EXTERNAL", "ANONYMOUS", "OAUTHBEARER", "XOAUTH2"})
    CHECK_FALSE(isBuilt(later));
}

TEST_CASE("PLAIN gives back what went in, for any octets") {
  std::mt19937 random(4616);  // NOLINT: the same every time
  for (int round = 0; round < 20000; ++round) {
    std::string message(random() % 24, '\0');
    for (char& c : message) c = random() % 4 == 0 ? '\0' : static_cast<char>(random());
    const Step step = make("PLAIN", kBoth, 0, {})->start(message);
    if (const auto* c = std::get_if<Credentials>(&step)) {
      CHECK(c->authzid + '\0' + c->authcid + '\0' + std::string(c->password.view()) == message);
      CHECK_FALSE(c->authcid.empty());
    } else {
      CHECK(std::holds_alternative<Failed>(step));
    }
  }
}

}  // namespace
}  // namespace posthorn::auth::sasl
