// SPDX-License-Identifier: Apache-2.0
#include "master/request.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::master;

TEST_CASE("a request names a command, services and flags") {
  const auto request = parseRequest(R"({"command":"stop","services":["http","pop","popd"],"drain":true})");
  REQUIRE(request.ok());
  CHECK(request->command == Command::Stop);
  CHECK(request->services == std::vector{config::Service::Pop, config::Service::Http});
  CHECK(request->drain);
  CHECK_FALSE(request->force);
  CHECK_FALSE(request->bySignal);
}

TEST_CASE("names of components without a process of their own are notes, or an error when alone") {
  const auto mixed = parseRequest(R"({"command":"start","services":["pop","store","sched"]})");
  REQUIRE(mixed.ok());
  CHECK(mixed->services == std::vector{config::Service::Pop});
  CHECK(mixed->notes.size() == 2);
  for (const char* name : {"store", "sched", "watcher"}) {
    const auto alone = parseRequest(std::string(R"({"command":"start","services":[")") + name + R"("]})");
    REQUIRE_FALSE(alone.ok());
    CHECK(alone.error().code == Errc::Unsupported);
    CHECK(alone.error().text.find(name) == 0);
  }
}

TEST_CASE("what is no request is refused and never believed in part") {
  for (const char* line :
       {"", "null", "[]", "{", "{}", R"({"command":7})", R"({"command":"halt"})",
        R"({"command":"start","services":"pop"})", R"({"command":"start","services":[1]})",
        R"({"command":"start","services":["nonsense"]})", R"({"command":"release","accounts":[{}]})"})
    CHECK_FALSE(parseRequest(line).ok());
  std::string many = R"({"command":"start","services":["pop")";
  for (int i = 0; i < 300; ++i) many += R"(,"pop")";
  CHECK_FALSE(parseRequest(many + "]}").ok());
  // A deep nest must not overflow the stack of the parser's caller.
  CHECK_FALSE(parseRequest(std::string(60'000, '[')).ok());
  // bySignal is not for the socket to say.
  const auto sly = parseRequest(R"({"command":"stop","bySignal":true})");
  REQUIRE(sly.ok());
  CHECK_FALSE(sly->bySignal);
}

TEST_CASE("an outcome is one line") {
  Outcome outcome;
  outcome.fail("a\nb");
  const std::string line = outcome.line();
  CHECK(line.find('\n') == line.size() - 1);
  CHECK(line.find(R"("ok":false)") != std::string::npos);
}
