// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/pool.h"

#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include <catch2/catch.hpp>

#include "mshttpd/backend/talk.h"
#include "test/unit/mshttpd/backend/imap_server.h"

using namespace posthorn;
using namespace posthorn::mshttpd::backend;
using namespace posthorn::mshttpd::backend::test;
using namespace std::chrono_literals;
using imap::CommandName;

namespace {

Pool::Connect connectTo(std::uint16_t port) {
  return [port, dialer = std::make_shared<Dialer>(Clock::system())](
             Steady deadline) -> Result<std::unique_ptr<Connection>> {
    PH_TRY(auto wire, Wire::connect(*dialer, {"127.0.0.1", port, ""}, nullptr, deadline));
    return Connection::open(std::move(wire), {});
  };
}

std::shared_ptr<Pool> poolOf(std::uint16_t port, const Pool::Settings& settings) {
  return std::make_shared<Pool>("store.example", ProxyAdmin{"adm", "secret"}, settings, connectTo(port));
}

Request noop() {
  return {.name = CommandName::Noop, .args = imap::NoArgs{}};
}

}  // namespace

TEST_CASE("200 users in 1,000 threads' requests share 8 connections, and each gets his own") {
  ImapServer server;
  std::atomic<int> wrong = 0;
  server.on("STATUS", [&](ImapServer::Talker& talker) {
    if (talker.line.find("\"" + talker.user + "\"") == std::string::npos &&
        talker.line.find(" " + talker.user + " ") == std::string::npos)
      ++wrong;
    return talker.tag + " OK\r\n";
  });
  const auto pool = poolOf(server.port(), {.most = 8, .wait = 60s});
  std::atomic<int> done = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 50; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string user = "user" + std::to_string((t * 20 + i) % 200);
        Talk talk(pool, {user, "192.0.2.1"});
        const auto reply = talk.ask(
            Again::Yes,
            {.name = CommandName::Status, .args = imap::StatusArgs{{user}, {imap::StatusItem::Messages}}});
        if (reply.ok() && reply->ok()) ++done;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(done == 1000);
  CHECK(wrong == 0);
  CHECK(server.most() <= 8);
  CHECK(server.accepted() == 8);
  CHECK(pool->counts().idle == 8);
}

TEST_CASE("a connection that is logged in for the user is preferred") {
  const ImapServer server;
  const auto pool = poolOf(server.port(), {.most = 4});
  for (int i = 0; i < 3; ++i)
    for (const char* user : {"anna", "bert"}) REQUIRE(pool->lease({user, ""}).ok());
  CHECK(server.accepted() == 2);
  int logins = 0;
  for (const std::string& line : server.heard()) logins += line.find("AUTHENTICATE") != std::string::npos;
  CHECK(logins == 2);
}

TEST_CASE("after its time a login is made anew on the same connection") {
  const ImapServer server;
  const auto pool = poolOf(server.port(), {.most = 4, .login = 50ms});
  const auto logins = [&] {
    int found = 0;
    for (const std::string& line : server.heard())
      found += line.find("AUTHENTICATE PLAIN") != std::string::npos;
    return found;
  };
  REQUIRE(pool->lease({"anna", ""}).ok());
  const Steady began = Clock::system().steady();
  while (Clock::system().steady() - began < 50ms) std::this_thread::yield();
  REQUIRE(pool->lease({"anna", ""}).ok());
  CHECK(logins() == 2);
  CHECK(server.accepted() == 1);
}

TEST_CASE("who waits too long in the line is told to try again; places are given in order") {
  const ImapServer server;
  const auto pool = poolOf(server.port(), {.most = 1, .wait = 100ms});
  auto first = pool->lease({"anna", ""});
  REQUIRE(first.ok());
  const auto second = pool->lease({"bert", ""});
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == Errc::Busy);
  CHECK_FALSE(second.error().client.empty());
  CHECK(pool->counts().waiting == 0);
  { const auto gone = *std::move(first); }
  CHECK(pool->lease({"bert", ""}).ok());
}

TEST_CASE("a connection that died in the pool is replaced without a word") {
  ImapServer server;
  const auto pool = poolOf(server.port(), {.most = 2});
  REQUIRE(pool->lease({"anna", ""}).ok());
  server.cutAll();
  while (server.open() > 0) std::this_thread::yield();
  Talk talk(pool, {"anna", ""});
  const auto reply = talk.ask(Again::Yes, noop());
  REQUIRE(reply.ok());
  CHECK(reply->ok());
  CHECK(server.accepted() == 2);
}

TEST_CASE("what dies before it heard a command that may be repeated is asked once more, else not") {
  ImapServer server;
  std::atomic<int> deaths = 1;
  const auto dieOnce = [&](ImapServer::Talker& talker) {
    return deaths-- > 0 ? std::string() : talker.tag + " OK\r\n";
  };
  server.on("NOOP", dieOnce);
  const auto pool = poolOf(server.port(), {.most = 1});
  const auto again = GENERATE(Again::Yes, Again::No);
  REQUIRE(pool->lease({"anna", ""}).ok());
  Talk talk(pool, {"anna", ""});
  const auto reply = talk.ask(again, noop());
  CHECK(reply.ok() == (again == Again::Yes));
  // Either way the next one finds a connection that is well.
  CHECK(talk.ask(Again::No, noop()).ok());
}

TEST_CASE("a host that is away is told at once, and comes back by itself") {
  std::uint16_t port = 0;
  {
    const ImapServer gone;
    port = gone.port();
  }
  const auto pool = poolOf(port, {.most = 4, .firstPause = 300ms, .lastPause = 300ms});
  const auto first = pool->lease({"anna", ""});
  REQUIRE_FALSE(first.ok());
  CHECK(first.error().code == Errc::Unavailable);
  CHECK(first.error().client == "The mail server does not answer now; try again.");
  CHECK(pool->counts().down);
  const Steady began = Clock::system().steady();
  for (int i = 0; i < 1000; ++i) CHECK_FALSE(pool->lease({"anna", ""}).ok());
  CHECK(Clock::system().steady() - began < 5s);
  const ImapServer server("IMAP4rev1 SASL-IR AUTH=PLAIN", port);
  const Steady until = Clock::system().steady() + 10s;
  bool back = false;
  while (!back && Clock::system().steady() < until) back = pool->lease({"anna", ""}).ok();
  CHECK(back);
  CHECK_FALSE(pool->counts().down);
}

TEST_CASE("a refused login says so and keeps no place") {
  ImapServer server;
  server.on("AUTHENTICATE", [](ImapServer::Talker& talker) { return talker.tag + " NO not you\r\n"; });
  const auto pool = poolOf(server.port(), {.most = 1});
  for (int i = 0; i < 3; ++i) {
    const auto lease = pool->lease({"anna", ""});
    REQUIRE_FALSE(lease.ok());
    CHECK(lease.error().code == Errc::Denied);
  }
  CHECK(pool->counts().open == 0);
}

TEST_CASE("connections that nobody uses are closed") {
  const ImapServer server;
  const auto pool = poolOf(server.port(), {.most = 4, .idle = 0ms});
  REQUIRE(pool->lease({"anna", ""}).ok());
  CHECK(pool->counts().idle == 1);
  pool->sweep();
  CHECK(pool->counts().idle == 0);
  while (server.open() > 0) std::this_thread::yield();
}

TEST_CASE("a server that keeps to one user a connection gets a new one for each") {
  const ImapServer server("IMAP4rev1 SASL-IR AUTH=PLAIN");
  const auto pool = poolOf(server.port(), {.most = 1});
  for (const char* user : {"anna", "bert", "anna"}) {
    auto lease = pool->lease({user, ""});
    REQUIRE(lease.ok());
    CHECK((*lease)->user() == user);
  }
  CHECK(server.accepted() == 3);
  CHECK(server.most() <= 2);  // the old one's end may be seen after the new one's beginning
}
