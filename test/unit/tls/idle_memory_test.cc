// SPDX-License-Identifier: Apache-2.0
// What an idle connection costs: measured at the destruction of the server's ends, so that the clients in the
// same process do not count.
#include <functional>
#include <iostream>
#include <list>
#include <vector>

#include <malloc.h>

#include "test/unit/net/support.h"
#include "test/unit/tls/support.h"

using namespace posthorn;
using namespace posthorn::net;
using namespace posthorn::net::test;
using namespace posthorn::tls;
using namespace posthorn::tls::test;

namespace {

constexpr std::size_t kCount = 50;

struct Server {
  Server(Loop& loop, UniqueFd fd)
      : stream(std::make_unique<Stream>(loop, std::move(fd), Endpoint{}, Endpoint{})) {
    stream->setHandler(&handler);
    handler.doInput = [this] {
      stream->write(stream->input().view());
      stream->input().clear();
    };
  }
  Recorder handler;
  std::unique_ptr<Stream> stream;
};

std::size_t bytesEach(std::list<Server>& servers) {
  const std::size_t before = ::mallinfo2().uordblks;
  for (Server& server : servers) server.stream.reset();
  return (before - ::mallinfo2().uordblks) / servers.size();
}

bool measurable() {
#ifdef POSTHORN_SANITIZED
  std::cerr << "SKIPPED: idle memory cannot be measured under a sanitizer's allocator\n";
  return false;
#else
  return true;
#endif
}

}  // namespace

TEST_CASE("an idle clear connection is small") {
  if (!measurable()) return;
  Loop loop;
  std::list<Server> servers;
  std::list<net::test::Client> clients;
  for (std::size_t i = 0; i < kCount; ++i) {
    Pair pair = connectedPair();
    servers.emplace_back(loop, std::move(pair.server)).stream->open();
    clients.emplace_back(loop, std::move(pair.client)).send("NOOP\r\n");
    REQUIRE(loop.runUntil([&] { return clients.back().got == "NOOP\r\n"; }));
  }
  const std::size_t bytes = bytesEach(servers);
  std::cerr << "idle clear stream: " << bytes << " bytes\n";
  CHECK(bytes <= 4096);
}

TEST_CASE("an idle TLS connection is small") {
  if (!measurable()) return;
  Loop loop;
  const auto context = makeContext({});
  std::list<Server> servers;
  std::list<TlsClient> clients;
  for (std::size_t i = 0; i < kCount; ++i) {
    Pair pair = connectedPair();
    servers.emplace_back(loop, std::move(pair.server)).stream->open(context->newLayer());
    clients.emplace_back(loop, std::move(pair.client), ClientSettings{}).start();
    clients.back().send("NOOP\r\n");
    REQUIRE(loop.runUntil([&] { return clients.back().got == "NOOP\r\n"; }));
  }
  const std::size_t bytes = bytesEach(servers);
  std::cerr << "idle TLS stream: " << bytes << " bytes\n";
  CHECK(bytes <= 24UL * 1024);
}
