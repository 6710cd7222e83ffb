// SPDX-License-Identifier: Apache-2.0
#include "common/events/subscriber.h"

#include <chrono>
#include <cstring>
#include <functional>

#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace posthorn;
using namespace posthorn::events;
using std::chrono::milliseconds;

namespace {

/// As Loop::runUntil, for what the loop itself is not woken by: the other end's bytes.
bool until(net::Loop& loop, const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    loop.runOnce(milliseconds{5});
  }
  return true;
}

/// A service that says what the test wants, over sockets of its own; blocking, on the test's thread.
class Service {
 public:
  Service() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_.get(), 8) == 0);
    port_ = net::Endpoint::localOf(listener_.get()).port;
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// Runs the client's loop until it has connected.
  void accept(net::Loop& loop) {
    REQUIRE(until(loop, [this] {
      client_ = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      return client_.valid();
    }));
  }
  void say(const std::string& text) const {
    REQUIRE(::send(client_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size()));
  }
  /// What the client has sent until now.
  [[nodiscard]] std::string heard() const {
    char bytes[65536];
    const ssize_t got = ::recv(client_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : "";
  }
  void hangUp() { client_.reset(); }
  void closeListener() { listener_.reset(); }

 private:
  UniqueFd listener_;
  UniqueFd client_;
  std::uint16_t port_ = 0;
};

class Ear final : public EventHandler {
 public:
  void onEvent(View line) override { events.emplace_back(line); }
  void onGap(std::optional<std::uint64_t> count) override { gaps.push_back(count); }
  void onListening() override { ++listening; }
  void onRefused(View line) override { refused.emplace_back(line); }
  void onDown(const std::string& why) override { downs.push_back(why); }

  std::vector<std::string> events;
  std::vector<std::optional<std::uint64_t>> gaps;
  std::vector<std::string> refused;
  std::vector<std::string> downs;
  int listening = 0;
};

struct World {
  net::Loop loop;
  Service service;
  Ear ear;
  Subscriber subscriber{
      loop, {.link = {.port = service.port(), .firstWait = milliseconds{5}}, .types = "NewMsg"}, ear};

  /// Runs until the service has heard all of `wanted`.
  bool hears(const std::string& wanted) {
    std::string all;
    return until(loop, [&] { return (all += service.heard()) == wanted; });
  }
};

constexpr const char* kHello = "{\"ens\":\"hello\",\"version\":1}\r\n";
constexpr const char* kDone = "{\"ens\":\"ok\",\"command\":\"SUBSCRIBE\",\"count\":2}\r\n";

}  // namespace

TEST_CASE("a subscriber says what it wants when the service has greeted, and hears") {
  World world;
  world.subscriber.add({"enp://h/b", "enp://h/a", "enp://h/a"});
  CHECK(world.subscriber.size() == 2);
  world.subscriber.start();
  world.service.accept(world.loop);
  world.loop.runOnce(milliseconds{20});
  CHECK(world.service.heard().empty());
  world.service.say(kHello);
  CHECK(world.hears("SUBSCRIBE types=NewMsg enp://h/a enp://h/b\r\n"));
  world.service.say(std::string(kDone) + "{\"event\":\"MessageNew\"}\r\n{\"ens\":\"ping\"}\r\n" +
                    "{\"ens\":\"lost\",\"count\":17,\"where\":\"queue\"}\r\n{\"event\":\"x\"}\r\n");
  CHECK(world.loop.runUntil([&] { return world.ear.events.size() == 2; }));
  CHECK(world.ear.events[0] == "{\"event\":\"MessageNew\"}");
  REQUIRE(world.ear.gaps.size() == 1);
  CHECK(world.ear.gaps[0] == 17);
  CHECK(world.ear.listening == 1);
  world.subscriber.add({"enp://h/c", "enp://h/a"});
  world.subscriber.remove("enp://h/b");
  CHECK(world.hears("SUBSCRIBE types=NewMsg enp://h/c\r\nUNSUBSCRIBE enp://h/b\r\n"));
}

TEST_CASE("a connection that ends is made anew, and the gap is told") {
  World world;
  world.subscriber.add({"enp://h/a"});
  world.subscriber.start();
  for (int round = 0; round < 3; ++round) {
    world.service.accept(world.loop);
    world.service.say(kHello);
    CHECK(world.hears("SUBSCRIBE types=NewMsg enp://h/a\r\n"));
    CHECK(world.ear.gaps.size() == static_cast<std::size_t>(round));
    world.service.hangUp();
    CHECK(world.loop.runUntil([&] { return world.ear.downs.size() == static_cast<std::size_t>(round) + 1; }));
    CHECK(world.ear.downs.back() == "the service ended the connection");
  }
  CHECK_FALSE(world.ear.gaps.at(0).has_value());
}

TEST_CASE("who is not greeted hears why") {
  World world;
  world.subscriber.start();
  world.service.accept(world.loop);
  world.service.say("{\"ens\":\"error\",\"code\":\"denied\",\"text\":\"no\"}\r\n");
  CHECK(world.loop.runUntil([&] { return !world.ear.downs.empty(); }));
  CHECK(world.ear.downs[0].find("\"denied\"") != std::string::npos);
  CHECK_FALSE(world.subscriber.up());
}

TEST_CASE("a service that is not there is tried again, and stop ends that") {
  World world;
  world.service.closeListener();
  world.subscriber.start();
  CHECK(world.loop.runUntil([&] { return world.ear.downs.size() >= 2; }));
  CHECK(world.ear.downs[0].find("connect to 127.0.0.1:") != std::string::npos);
  world.subscriber.stop();
  const std::size_t before = world.ear.downs.size();
  for (int i = 0; i < 5; ++i) world.loop.runOnce(milliseconds{20});
  CHECK(world.ear.downs.size() == before);
}

TEST_CASE("a refused SUBSCRIBE is told") {
  World world;
  world.subscriber.add({"http://x"});
  world.subscriber.start();
  world.service.accept(world.loop);
  world.service.say(kHello);
  CHECK(world.hears("SUBSCRIBE types=NewMsg http://x\r\n"));
  world.service.say("{\"ens\":\"error\",\"code\":\"invalid\",\"text\":\"no\"}\r\n");
  CHECK(world.loop.runUntil([&] { return world.ear.refused.size() == 1; }));
  CHECK(world.subscriber.up());
}

TEST_CASE("ten thousand accounts go in lines that a service takes") {
  World world;
  std::vector<std::string> references;
  for (int i = 0; i < 10'000; ++i)
    references.push_back(accountReference("user" + std::to_string(i) + "@x.example"));
  world.subscriber.add(references);
  world.subscriber.start();
  world.service.accept(world.loop);
  world.service.say(kHello);
  std::string all;
  std::size_t found = 0;
  CHECK(until(world.loop, [&] {
    all += world.service.heard();
    found = 0;
    for (std::size_t at = all.find("enp://"); at != std::string::npos; at = all.find("enp://", at + 1))
      ++found;
    return found == references.size() && all.ends_with("\r\n");
  }));
  std::size_t longest = 0;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find("\r\n", at);
    longest = std::max(longest, end - at);
    at = end + 2;
  }
  CHECK(longest <= 16 * 1024);
}

TEST_CASE("an account's reference") {
  CHECK(accountReference("anna") == "enp://127.0.0.1/store?owner=anna");
  CHECK(accountReference("a&b=c%d e@x", "enp://h") == "enp://h?owner=a%26b%3Dc%25d%20e@x");
}
