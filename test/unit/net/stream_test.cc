// SPDX-License-Identifier: Apache-2.0
#include "common/net/stream.h"

#include <chrono>

#include "test/unit/net/support.h"

using namespace posthorn;
using namespace posthorn::net;
using namespace posthorn::net::test;
using namespace std::chrono_literals;

namespace {

struct Rig {
  explicit Rig(const StreamLimits& limits = {}) : Rig(connectedPair(), limits) {}
  Rig(Pair pair, const StreamLimits& limits)
      : stream(loop, std::move(pair.server), {}, {}, limits), client(loop, std::move(pair.client)) {
    stream.setHandler(&handler);
  }
  void open() {
    stream.open();
    REQUIRE(loop.runUntil([this] { return handler.opened == 1; }));
  }
  Loop loop;
  Recorder handler;
  Stream stream;
  Client client;
};

}  // namespace

TEST_CASE("the transport's machine has no other ways than its chart") {
  using T = Transport;
  const T all[] = {T::Greeting, T::Handshake, T::Open, T::Draining, T::Closed};
  std::string chart;
  for (const T from : all)
    for (const T to : all)
      if (allowed(from, to)) chart += std::string(toString(from)) + ">" + std::string(toString(to)) + " ";
  CHECK(chart ==
        "Greeting>Handshake Greeting>Open Greeting>Draining Greeting>Closed Handshake>Open "
        "Handshake>Draining Handshake>Closed Open>Handshake Open>Draining Open>Closed Draining>Closed ");
}

TEST_CASE("a stream echoes, one byte at a time") {
  Rig rig;
  rig.handler.doInput = [&] {
    rig.stream.write(rig.stream.input().view());
    rig.stream.input().clear();
  };
  rig.open();
  for (const char c : std::string("hello")) {
    rig.client.send(std::string_view(&c, 1));
    const std::size_t before = rig.client.got.size();
    REQUIRE(rig.loop.runUntil([&] { return rig.client.got.size() == before + 1; }));
  }
  CHECK(rig.client.got == "hello");
  CHECK(rig.stream.input().capacity() == 0);
  CHECK(rig.stream.bytesIn() == 5);
  CHECK(rig.stream.bytesOut() == 5);
}

TEST_CASE("a burst of writes is one packet") {
  Rig rig;
  rig.handler.doInput = [&] {
    rig.stream.input().clear();
    for (int i = 0; i < 100; ++i) rig.stream.write("line\r\n");
  };
  rig.open();
  rig.client.send("x");
  REQUIRE(rig.loop.runUntil([&] { return rig.client.got.size() == 600; }));
  CHECK(rig.client.reads == 1);
}

TEST_CASE("texts, slices and parts of files arrive in order, byte for byte") {
  Rig rig;
  rig.open();
  const std::string body = pattern(3'000'000);
  const FileRange file = fileOf(body);
  auto pin = std::make_shared<std::string>("kept alive elsewhere");
  std::string expected;
  for (int i = 0; i < 5; ++i) {
    FileRange part = file;
    part.offset = static_cast<std::uint64_t>(i) * 1001;
    part.length = 500'000;
    rig.stream.write("head\r\n");
    rig.stream.writeFile(part);
    rig.stream.writeView(*pin, pin);
    rig.stream.write(std::string(20'000, 'x'));
    expected += "head\r\n" + body.substr(part.offset, part.length) + *pin + std::string(20'000, 'x');
  }
  std::weak_ptr<std::string> weak = pin;
  pin.reset();
  CHECK(rig.stream.pending() == expected.size());
  REQUIRE(rig.loop.runUntil([&] { return rig.client.got.size() >= expected.size(); }));
  CHECK((rig.client.got == expected));
  CHECK(weak.expired());
  CHECK(rig.stream.pending() == 0);
  CHECK(rig.stream.pendingMemory() == 0);
}

TEST_CASE("a reader that stops costs no memory for a file, and gets all of it when it goes on") {
  Rig rig;
  rig.open();
  rig.client.listen(false);
  const std::string body = pattern(10'000'000);
  rig.stream.write("+OK\r\n");
  rig.stream.writeFile(fileOf(body));
  for (int i = 0; i < 50; ++i) rig.loop.runOnce(2ms);
  CHECK(rig.stream.pending() > 1'000'000);
  CHECK(rig.stream.pendingMemory() < 256UL * 1024);
  CHECK(rig.handler.drained == 0);
  rig.client.listen(true);
  REQUIRE(rig.loop.runUntil([&] { return rig.client.got.size() == body.size() + 5; }));
  CHECK((rig.client.got == "+OK\r\n" + body));
  CHECK(rig.handler.drained == 1);
}

TEST_CASE("onDrained asks for window after window") {
  Rig rig;
  int windows = 0;
  rig.handler.doDrained = [&] {
    if (++windows < 100) rig.stream.write(std::string(50'000, 'w'));
  };
  rig.open();
  rig.stream.write("start");
  REQUIRE(rig.loop.runUntil([&] { return rig.client.got.size() == 5 + 99UL * 50'000; }));
  REQUIRE(rig.loop.runUntil([&] { return windows == 100; }));
}

TEST_CASE("input that nobody consumes is bounded, and flows again when it is consumed") {
  Rig rig({.input = 4096});
  rig.open();
  const std::string sent = pattern(100'000);
  rig.client.send(sent);
  for (int i = 0; i < 20; ++i) rig.loop.runOnce(2ms);
  CHECK(rig.stream.input().size() == 4096);
  CHECK(rig.stream.input().capacity() <= 8192);
  std::string got;
  REQUIRE(rig.loop.runUntil([&] {
    got += rig.stream.input().view();
    rig.stream.input().clear();
    return got.size() == sent.size();
  }));
  CHECK((got == sent));
}

TEST_CASE("closing sends everything and awaits the peer's end") {
  Rig rig;
  rig.open();
  rig.stream.write(std::string(300'000, 'z'));
  rig.stream.close();
  rig.stream.write("not any more");
  // Unread input at close would be a reset that destroys the reply.
  rig.client.send("pipelined after QUIT\r\n");
  REQUIRE(rig.loop.runUntil([&] { return rig.client.eof || rig.client.reset; }));
  CHECK(rig.client.eof);
  CHECK(rig.client.got.size() == 300'000);
  CHECK(rig.handler.closed == 0);
  CHECK(rig.stream.state() == Transport::Draining);
  rig.client.halfClose();
  REQUIRE(rig.loop.runUntil([&] { return rig.handler.closed == 1; }));
  CHECK_FALSE(rig.handler.error);
  CHECK(rig.handler.inputs == 0);
}

TEST_CASE("a peer that never closes is left after the linger time") {
  Rig rig({.linger = 50ms});
  rig.open();
  rig.stream.write("bye");
  rig.stream.close();
  REQUIRE(rig.loop.runUntil([&] { return rig.handler.closed == 1; }));
  CHECK_FALSE(rig.handler.error);
  CHECK(rig.stream.state() == Transport::Closed);
}

TEST_CASE("a plugged peer is cut while draining") {
  Rig rig({.plugged = 50ms});
  rig.open();
  rig.client.listen(false);
  rig.stream.writeFile(fileOf(std::string(20'000'000, 'x')));
  rig.stream.close();
  REQUIRE(rig.loop.runUntil([&] { return rig.handler.closed == 1; }));
  REQUIRE(rig.handler.error);
  CHECK(rig.handler.error->code == Errc::Timeout);
}

TEST_CASE("the peer's half close is told after its last bytes, and it still gets its replies") {
  Rig rig;
  std::string seen;
  rig.handler.doInput = [&] {
    seen += rig.stream.input().view();
    rig.stream.input().clear();
    CHECK(rig.handler.eofs == 0);
  };
  rig.handler.doEof = [&] {
    rig.stream.write("answer to " + seen);
    rig.stream.close();
  };
  rig.open();
  rig.client.send("QUIT");
  rig.client.halfClose();
  REQUIRE(rig.loop.runUntil([&] { return rig.handler.closed == 1; }));
  REQUIRE(rig.loop.runUntil([&] { return rig.client.eof; }));
  CHECK(rig.client.got == "answer to QUIT");
  CHECK(rig.handler.eofs == 1);
}

TEST_CASE("an exception in a callback costs its stream only") {
  Rig rig;
  rig.handler.doInput = [] { throw std::runtime_error("on purpose"); };
  rig.open();
  rig.client.send("x");
  REQUIRE(rig.loop.runUntil([&] { return rig.handler.closed == 1; }));
  REQUIRE(rig.handler.error);
  CHECK(rig.handler.error->code == Errc::Internal);
  CHECK(rig.stream.state() == Transport::Closed);
}

TEST_CASE("a file that is shorter than promised cuts the connection instead of lying") {
  Rig rig;
  rig.open();
  FileRange file = fileOf("short");
  file.length = 100;
  rig.stream.write("+OK 100 octets\r\n");
  rig.stream.writeFile(file);
  REQUIRE(rig.loop.runUntil([&] { return rig.handler.closed == 1; }));
  REQUIRE(rig.handler.error);
  CHECK(rig.handler.error->code == Errc::Corrupt);
}

TEST_CASE("writing to a client that is gone is an error of that stream") {
  Rig rig;
  rig.open();
  {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(rig.client.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    rig.client.listen(false);
    const UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    ::dup3(null.get(), rig.client.fd(), O_CLOEXEC);
  }
  rig.stream.write(std::string(1'000'000, 'x'));
  rig.stream.writeFile(fileOf("never sent"));
  REQUIRE(rig.loop.runUntil([&] { return rig.handler.closed == 1; }));
  CHECK(rig.handler.error);
}
