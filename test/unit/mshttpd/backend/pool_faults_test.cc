// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <functional>

#include <catch2/catch.hpp>

#include "common/base/base64.h"
#include "mshttpd/backend/pool.h"
#include "mshttpd/backend/talk.h"
#include "test/unit/mshttpd/backend/imap_server.h"

// The worst that the pool could do is to serve one user by another's connection. Here the server answers in
// every wrong way, at every place; who is logged in is for the server alone to know.

using namespace posthorn;
using namespace posthorn::mshttpd::backend;
using namespace posthorn::mshttpd::backend::test;
using namespace std::chrono_literals;
using imap::CommandName;
using Talker = ImapServer::Talker;

namespace {

std::string ok(const Talker& talker) {
  return talker.tag + " OK done\r\n";
}

std::string tagAfter(const Talker& talker, int steps) {
  return "h" + std::to_string(std::stoi(talker.tag.substr(1)) + steps);
}

/// `done`: the right answer, with what the command does done; else it is not.
using Done = std::function<std::string()>;
struct Fault {
  const char* name;
  std::string (*answer)(Talker& t, const Done& done);
};

const Fault kFaults[] = {
    {"refused", [](Talker& t, const Done&) { return t.tag + " NO not now\r\n"; }},
    {"not understood", [](Talker& t, const Done&) { return t.tag + " BAD what\r\n"; }},
    {"closed", [](Talker&, const Done&) { return std::string(); }},
    {"goodbye", [](Talker&, const Done&) { return std::string("* BYE gone\r\n"); }},
    {"half an answer",
     [](Talker& t, const Done&) {
       t.say(t.tag + " O");
       return std::string();
     }},
    {"garbage before", [](Talker&, const Done& done) { return "\x01\x02 what is this\r\n" + done(); }},
    {"twice",
     [](Talker&, const Done& done) {
       const std::string said = done();
       return said + said;
     }},
    {"the next one's answer as well",
     [](Talker& t, const Done& done) { return done() + tagAfter(t, 1) + " OK early\r\n"; }},
    {"all later ones' answers as well",
     [](Talker& t, const Done& done) {
       std::string said = done();
       for (int i = 1; i < 20; ++i) said += tagAfter(t, i) + " OK early\r\n";
       return said;
     }},
    {"somebody's answer", [](Talker&, const Done& done) { return "x1 OK done\r\n" + done(); }},
    {"go on", [](Talker&, const Done& done) { return "+ go on\r\n" + done(); }},
    {"go on, afterwards", [](Talker&, const Done& done) { return done() + "+ go on\r\n"; }},
    {"data of anna's afterwards",
     [](Talker&, const Done& done) { return done() + "* STATUS bert (MESSAGES 4711)\r\n"; }},
    {"half a literal of anna's afterwards",
     [](Talker&, const Done& done) { return done() + "* 1 FETCH (BODY[] {400}\r\nAAAA"; }},
    {"silence",
     [](Talker& t, const Done&) {
       static_cast<void>(t.more(1'000'000));
       return std::string();
     }},
};

/// Breaks one command once, then is well. STATUS of a mailbox that is not called as who is logged in is the
/// fault that must never come.
class Server {
 public:
  Server() {
    for (const char* word : {"UNAUTHENTICATE", "AUTHENTICATE", "NOOP", "CAPABILITY", "ID"})
      server_.on(word, [this, word](Talker& talker) { return said(word, talker); });
    server_.on("STATUS", [this](Talker& talker) {
      if (!talker.line.starts_with("STATUS " + talker.user + " ")) ++strangers;
      return "* STATUS " + talker.user + " (MESSAGES " + std::to_string(talker.user.size()) + ")\r\n" +
             ok(talker);
    });
  }
  void breakNext(const char* word, const Fault& fault) {
    fault_ = &fault;
    word_ = word;
    armed_ = true;
  }
  [[nodiscard]] std::uint16_t port() const { return server_.port(); }
  std::atomic<int> strangers{0};

 private:
  std::string said(const std::string& word, Talker& talker) {
    if (!armed_ || word != word_) return right(word, talker);
    armed_ = false;
    return fault_->answer(talker, [&] { return right(word, talker); });
  }
  static std::string right(const std::string& word, Talker& talker) {
    if (word == "CAPABILITY")
      return "* CAPABILITY IMAP4rev1 SASL-IR ID LITERAL+ AUTH=PLAIN UNAUTHENTICATE\r\n" + ok(talker);
    if (word == "UNAUTHENTICATE") talker.user.clear();
    if (word != "AUTHENTICATE") return ok(talker);
    if (!talker.user.empty()) return talker.tag + " BAD somebody is logged in\r\n";
    const std::string text = base64::decode(talker.line.substr(19)).value_or("");
    talker.user = text.substr(0, text.find('\0'));
    return ok(talker);
  }

  ImapServer server_;
  std::atomic<bool> armed_{false};
  const Fault* fault_ = nullptr;
  std::string word_;
};

std::shared_ptr<Pool> poolOf(std::uint16_t port) {
  auto connect = [port, dialer = std::make_shared<Dialer>(Clock::system())](
                     Steady deadline) -> Result<std::unique_ptr<Connection>> {
    PH_TRY(auto wire, Wire::connect(*dialer, {"127.0.0.1", port, ""}, nullptr, deadline));
    return Connection::open(std::move(wire), {.login = 5s, .silence = 150ms});
  };
  return std::make_shared<Pool>("store.example", ProxyAdmin{"adm", "secret"},
                                Pool::Settings{.most = 1, .firstPause = 1ms, .lastPause = 1ms}, connect);
}

Request statusOf(const std::string& user) {
  return {.name = CommandName::Status, .args = imap::StatusArgs{{user}, {imap::StatusItem::Messages}}};
}

/// Asks for the user's own; what comes, if anything does, is his.
bool asksHisOwn(const std::shared_ptr<Pool>& pool, const std::string& user) {
  Talk talk(pool, {user, "192.0.2.1"});
  const auto reply = talk.ask(Again::Yes, statusOf(user));
  if (!reply.ok() || !reply->ok()) return false;
  for (const imap::Response& one : reply->data) {
    const auto* status = std::get_if<imap::StatusData>(&one);
    if (status == nullptr) continue;
    CHECK(status->mailbox.utf8 == user);
    CHECK(status->numbers.front().second == user.size());
  }
  return true;
}

}  // namespace

TEST_CASE("whatever a server says, nobody is served as somebody else") {
  for (const char* word : {"UNAUTHENTICATE", "AUTHENTICATE", "NOOP", "CAPABILITY", "ID"}) {
    for (const Fault& fault : kFaults) {
      INFO(word << ": " << fault.name);
      Server server;
      const auto pool = poolOf(server.port());
      REQUIRE(asksHisOwn(pool, "anna"));
      server.breakNext(word, fault);
      {
        Talk talk(pool, {"anna", "192.0.2.1"});
        static_cast<void>(talk.ask(Again::No, {.name = CommandName::Noop, .args = imap::NoArgs{}}));
      }
      static_cast<void>(asksHisOwn(pool, "bert"));
      static_cast<void>(asksHisOwn(pool, "anna"));
      // The fault has come by now, and has cost a connection at most; its pause is a millisecond.
      bool well = false;
      for (int i = 0; i < 10'000 && !well; ++i) well = asksHisOwn(pool, "bert");
      CHECK(well);
      CHECK(server.strangers == 0);
    }
  }
}

TEST_CASE("words of a client's never become commands") {
  Server server;
  const auto pool = poolOf(server.port());
  Talk talk(pool, {"anna", "192.0.2.1"});
  imap::StoreArgs store;
  store.set.ranges = {{1, 1}};
  store.flags.keywords = {"a)\r\nh9 UNAUTHENTICATE\r\nh10 NOOP"};
  const auto refused = talk.ask(Again::Yes, {.name = CommandName::Store, .args = store});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == Errc::Invalid);
  store.flags.keywords = {std::string("a\0b", 3)};
  CHECK_FALSE(talk.ask(Again::Yes, {.name = CommandName::Store, .args = store}).ok());
  store.flags.keywords = {"a\rb"};
  CHECK_FALSE(talk.askAll(Again::Yes, {{.name = CommandName::Store, .args = store}}).ok());
  // Where lines may be, they are a literal's.
  const auto literal = talk.ask(Again::Yes, statusOf("x\r\nh9 UNAUTHENTICATE"));
  REQUIRE(literal.ok());
  CHECK(pool->counts().open == 1);
}

TEST_CASE("a command inside of another one's literal ends the connection") {
  ImapServer server;
  server.on("APPEND", [](Talker& talker) {
    talker.say("+ go on\r\n");
    static_cast<void>(talker.more(12));
    return ok(talker);
  });
  const auto pool = poolOf(server.port());
  Talk talk(pool, {"anna", ""});
  const auto appended = talk.with(Again::No, [&](Connection& connection) {
    return connection.append("INBOX", {}, 10, [&]() -> Result<Bytes> {
      PH_TRY(const Reply reply, connection.ask({.name = CommandName::Noop, .args = imap::NoArgs{}}));
      return Bytes("0123456789");
    });
  });
  CHECK_FALSE(appended.ok());
  for (const std::string& line : server.heard()) CHECK(line.find("NOOP") == std::string::npos);
  CHECK(pool->counts().open == 0);
}
