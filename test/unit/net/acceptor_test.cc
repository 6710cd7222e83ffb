// SPDX-License-Identifier: Apache-2.0
#include "common/net/acceptor.h"

#include <algorithm>
#include <list>
#include <vector>

#include <sys/resource.h>
#include <sys/socket.h>

#include "test/unit/net/support.h"

using namespace posthorn;
using namespace posthorn::net;
using namespace posthorn::net::test;
using namespace std::chrono_literals;

namespace {

class EchoSession final : public StreamSession {
 public:
  using StreamSession::StreamSession;
  void part(Parting why) override {
    stream().write("BYE " + std::string(toString(why)) + "\r\n");
    stream().close();
  }
  void onOpen() override { stream().write("hello " + stream().peer().address.text() + "\r\n"); }
  void onInput() override {
    stream().write(stream().input().view());
    stream().input().clear();
  }
  void onEof() override { stream().close(); }
};

struct Rig : Reception {
  explicit Rig(Admission::Limits limits, stats::Slot given = stats::Slot::unshared())
      : slot(std::move(given)), admission(table, slot, clock, std::move(limits)) {
    acceptor.add({.fd = listenLoopback(&port)});
  }
  std::unique_ptr<Session> welcome(Arrival arrival) override {
    welcomed.push_back(arrival.stream->peer().address.text());
    return std::make_unique<EchoSession>(std::move(arrival));
  }
  std::string refusal(Refusal why) override { return "-ERR " + std::string(toString(why)) + "\r\n"; }
  std::unique_ptr<SecureLayer> secureLayer() override { return nullptr; }

  net::test::Client& connect() {
    clients.emplace_back(loop, connectLoopback(port));
    return clients.back();
  }
  bool hears(net::test::Client& client, const std::string& text) {
    return loop.runUntil([&] { return client.got == text || client.reset; }) && client.got == text;
  }

  ManualClock clock;
  Loop loop{clock};
  stats::Slot slot;
  SessionTable table{loop, {}, slot};
  Admission admission;
  Acceptor acceptor{
      loop, table, admission, *this, slot, {.linger = 100ms}, {.proxyHeader = 100ms, .pause = 30ms}};
  std::uint16_t port = 0;
  std::vector<std::string> welcomed;
  std::list<net::test::Client> clients;
};

const std::string kHello = "hello 127.0.0.1\r\n";

}  // namespace

TEST_CASE("connections become sessions and end") {
  Rig rig({.maxSessions = 10, .maxStrangers = 10});
  net::test::Client& client = rig.connect();
  CHECK(rig.hears(client, kHello));
  CHECK(rig.table.size() == 1);
  CHECK(rig.slot.sessionsOfAddress("127.0.0.1") == 1);
  client.halfClose();
  CHECK(rig.loop.runUntil([&] { return client.eof && rig.table.size() == 0; }));
  CHECK(rig.slot.sessionsOfAddress("127.0.0.1") == 0);
  CHECK(rig.slot.get(stats::Counter::Accepted) == 1);
}

TEST_CASE("a client that resets before it is taken has its address all the same") {
  Rig rig({.maxSessions = 10, .maxStrangers = 10});
  UniqueFd hasty = connectLoopback(rig.port);
  REQUIRE(::send(hasty.get(), "MAIL\r\n", 6, MSG_NOSIGNAL) == 6);
  const linger atOnce{1, 0};
  REQUIRE(::setsockopt(hasty.get(), SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce) == 0);
  hasty.reset();
  CHECK(rig.loop.runUntil([&] { return !rig.welcomed.empty(); }));
  CHECK(rig.welcomed == std::vector<std::string>{"127.0.0.1"});
}

TEST_CASE("a full worker without siblings says so and closes") {
  Rig rig({.maxSessions = 2, .maxStrangers = 10});
  CHECK(rig.hears(rig.connect(), kHello));
  net::test::Client& second = rig.connect();
  CHECK(rig.hears(second, kHello));
  net::test::Client& third = rig.connect();
  CHECK(rig.hears(third, "-ERR full\r\n"));
  CHECK(rig.loop.runUntil([&] { return third.eof; }));
  CHECK(rig.slot.get(stats::Counter::Rejected) == 1);
  second.halfClose();
  CHECK(rig.loop.runUntil([&] { return rig.table.size() == 1; }));
  CHECK(rig.hears(rig.connect(), kHello));
}

TEST_CASE("a full worker leaves the sockets to a sibling with room, and takes them up when there is none") {
  const auto board = stats::Board::privateToProcess();
  ManualClock clock;
  board->claim(0, 1, 0, clock.steady());
  board->claim(1, 1, 1, clock.steady());
  stats::Slot mine(board, 0);
  stats::Slot sibling(board, 1);
  for (stats::Slot* slot : {&mine, &sibling}) {
    slot->enter(stats::State::Running);
    slot->beat(clock.steady());
  }
  sibling.set(stats::Gauge::MaxSessions, 1);
  Rig rig({.maxSessions = 1, .maxStrangers = 10}, mine);
  CHECK(rig.hears(rig.connect(), kHello));
  net::test::Client& waits = rig.connect();
  CHECK(rig.loop.runUntil([&] { return !rig.acceptor.accepting(); }));
  for (int i = 0; i < 5; ++i) rig.loop.runOnce(10ms);
  CHECK(waits.got.empty());
  CHECK(rig.slot.get(stats::Counter::Accepted) == 1);
  sibling.set(stats::Gauge::Sessions, 1);
  CHECK(rig.hears(waits, "-ERR full\r\n"));
}

TEST_CASE("one address may have so many connections, the narrowest network decides") {
  Rig rig({.maxSessions = 10,
           .maxStrangers = 10,
           .perAddress = {*config::parseConnLimit("0.0.0.0|0.0.0.0:1"),
                          *config::parseConnLimit("127.0.0.0|255.0.0.0:2")}});
  net::test::Client& first = rig.connect();
  CHECK(rig.hears(first, kHello));
  CHECK(rig.hears(rig.connect(), kHello));
  CHECK(rig.hears(rig.connect(), "-ERR address-limit\r\n"));
  first.halfClose();
  CHECK(rig.loop.runUntil([&] { return rig.table.size() == 1; }));
  CHECK(rig.hears(rig.connect(), kHello));
}

TEST_CASE("too many without a login: new ones are refused, until the oldest has had its time") {
  Rig rig({.maxSessions = 10, .maxStrangers = 2});
  net::test::Client& oldest = rig.connect();
  CHECK(rig.hears(oldest, kHello));
  CHECK(rig.hears(rig.connect(), kHello));
  CHECK(rig.hears(rig.connect(), "-ERR too-many-without-login\r\n"));
  rig.clock.advance(3s);
  CHECK(rig.hears(rig.connect(), kHello));
  CHECK(rig.hears(oldest, kHello + "BYE crowded\r\n"));
}

TEST_CASE("a PROXY header of a trusted proxy tells the client, at any split, and nothing after it is lost") {
  Rig rig({.maxSessions = 10,
           .maxStrangers = 10,
           .perAddress = {*config::parseConnLimit("192.0.2.0/24:1")},
           .trustedProxies = {*config::parseNetwork("127.0.0.0/8")},
           .proxyProtocol = true});
  const std::string header = "PROXY TCP4 192.0.2.9 198.51.100.2 4000 110\r\n";
  net::test::Client& slow = rig.connect();
  for (const char c : header) {
    slow.send(std::string_view(&c, 1));
    rig.loop.runOnce(1ms);
  }
  CHECK(rig.hears(slow, "hello 192.0.2.9\r\n"));
  net::test::Client& second = rig.connect();
  second.send(header);
  CHECK(rig.hears(second, "-ERR address-limit\r\n"));
  net::test::Client& pipelined = rig.connect();
  pipelined.send("PROXY UNKNOWN\r\nUSER anna\r\n");
  CHECK(rig.hears(pipelined, kHello + "USER anna\r\n"));
}

TEST_CASE("a trusted proxy without a valid header in time is closed without a session") {
  Rig rig({.maxSessions = 10,
           .maxStrangers = 10,
           .trustedProxies = {*config::parseNetwork("127.0.0.0/8")},
           .proxyProtocol = true});
  net::test::Client& bad = rig.connect();
  bad.send("USER anna\r\n");
  net::test::Client& late = rig.connect();
  late.send("PROXY TCP4 ");
  CHECK(rig.loop.runUntil([&] { return bad.eof || bad.reset; }));
  CHECK(rig.loop.runUntil([&] { return late.eof || late.reset; }));
  CHECK(bad.got.empty());
  CHECK(rig.table.size() == 0);
  CHECK(rig.acceptor.arriving() == 0);
}

TEST_CASE("a PROXY header of anybody else is not believed") {
  Rig rig({.maxSessions = 10,
           .maxStrangers = 10,
           .trustedProxies = {*config::parseNetwork("10.0.0.0/8")},
           .proxyProtocol = true});
  net::test::Client& client = rig.connect();
  CHECK(rig.hears(client, kHello));
  client.send("PROXY UNKNOWN\r\n");
  CHECK(rig.hears(client, kHello + "PROXY UNKNOWN\r\n"));
}

TEST_CASE(
    "without descriptors a client is closed at once, the loop does not spin, and it goes on afterwards") {
  Rig rig({.maxSessions = 100, .maxStrangers = 100});
  net::test::Client& client = rig.connect();
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  std::vector<UniqueFd> hoard;
  const rlimit little{.rlim_cur = 64, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &little) == 0);
  for (;;) {
    UniqueFd fd(::dup(0));
    if (!fd) break;
    hoard.push_back(std::move(fd));
  }
  const bool closed = rig.loop.runUntil([&] { return client.eof || client.reset; });
  const bool paused = !rig.acceptor.accepting();
  int turns = 0;
  const auto end = std::chrono::steady_clock::now() + 20ms;
  while (std::chrono::steady_clock::now() < end) {
    rig.loop.runOnce(5ms);
    ++turns;
  }
  hoard.clear();
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(closed);
  CHECK(paused);
  CHECK(turns < 20);
  CHECK(rig.hears(rig.connect(), kHello));
}

TEST_CASE("closed listeners take nobody; sessions go on") {
  Rig rig({.maxSessions = 10, .maxStrangers = 10});
  net::test::Client& client = rig.connect();
  CHECK(rig.hears(client, kHello));
  rig.acceptor.closeListeners();
  rig.acceptor.reconsider();
  for (int i = 0; i < 3; ++i) rig.loop.runOnce(1ms);
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(rig.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0);
  client.send("still here");
  CHECK(rig.hears(client, kHello + "still here"));
  rig.table.stop(0ms);
  CHECK(rig.hears(client, kHello + "still hereBYE stopping\r\n"));
}
