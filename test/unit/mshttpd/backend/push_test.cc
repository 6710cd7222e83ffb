// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/push.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/auth/authenticator.h"
#include "test/unit/mshttpd/backend/everybody.h"
#include "test/unit/mshttpd/backend/imap_server.h"

using namespace posthorn;
using namespace posthorn::mshttpd;
using namespace posthorn::mshttpd::backend;
using namespace posthorn::mshttpd::backend::test;
using namespace std::chrono_literals;

namespace {

/// An event service: one client, on the test's own thread.
class EventService {
 public:
  EventService() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(listen(listener_.get(), 8) == 0);
    REQUIRE(getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// Takes a client, greets it, and says OK to what it subscribes to.
  void step() {
    if (!client_.valid()) {
      client_ = UniqueFd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client_.valid()) return;
      ++clients;
      say("{\"ens\":\"hello\",\"version\":1}\r\n");
    }
    char bytes[65536];
    const ssize_t got = recv(client_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (got <= 0) return;
    in_.append(bytes, static_cast<std::size_t>(got));
    for (auto end = in_.find('\n'); end != std::string::npos; end = in_.find('\n')) {
      const std::string line = in_.substr(0, end);
      in_.erase(0, end + 1);
      for (auto at = line.find("enp://"); at != std::string::npos; at = line.find("enp://", at + 1))
        line.starts_with("SUB") ? ++subscribed : --subscribed;
      say("{\"ens\":\"ok\",\"command\":\"SUBSCRIBE\",\"count\":1}\r\n");
    }
  }
  void say(const std::string& text) {
    if (send(client_.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) client_.reset();
  }
  void event(const std::string& owner, int modseq, const char* type = "StateChange") {
    say("{\"event\":\"x\",\"evtType\":\"" + std::string(type) + "\",\"owner\":\"" + owner +
        "\",\"modseq\":" + std::to_string(modseq) + "}\r\n");
  }
  void hangUp() { client_.reset(); }

  int subscribed = 0;
  int clients = 0;

 private:
  UniqueFd listener_;
  UniqueFd client_;
  std::uint16_t port_ = 0;
  std::string in_;
};

/// Jobs on threads of their own, which end with it.
class Threads {
 public:
  ~Threads() {
    for (std::thread& thread : threads_) thread.join();
  }
  Status run(std::function<void()> work) {
    threads_.emplace_back(std::move(work));
    return okStatus();
  }

 private:
  std::vector<std::thread> threads_;
};

http::PushSource::Watcher watcher(const std::string& user, bool current) {
  return {{.user = user, .name = {}, .email = {}, .addresses = {}, .client = "192.0.2.1"}, {}, current};
}

struct World {
  explicit World(bool withEvents, const PushPace& pace = {}) {
    server.on("XUPDATE", [this](ImapServer::Talker& talker) {
      return talker.tag + " OK [XSTATE " + std::to_string(state.load()) + "] done\r\n";
    });
    const std::string text =
        "base: {hostname: web.example, proxyadmin: adm, proxyadminpass: secret, "
        "proxyimapport: " +
        std::to_string(server.port()) + "}\nstore.admins: adm\n" + "http: {maxbackendconnections: 3}\n" +
        (withEvents ? "proxy:web.example.ensport: " + std::to_string(service.port()) : "ens.enable: no") +
        "\n";
    const auto loaded = config::parse(text, "/tmp/posthorn.yaml");
    INFO(loaded.report());
    REQUIRE(loaded.ok());
    auto logins = std::make_shared<auth::Authenticator>(auth::Settings::from(*loaded.snapshot),
                                                        std::make_unique<Everybody>());
    auto made = Backends::make(*loaded.snapshot, logins);
    REQUIRE(made.ok());
    hosts = *std::move(made);
    push = std::make_unique<Push>(
        loop, hosts, [this](auto work) { return threads.run(std::move(work)); }, pace);
  }
  bool until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      service.step();
      loop.runOnce(2ms);
    }
    return true;
  }

  ImapServer server{"IMAP4rev1 SASL-IR ID AUTH=PLAIN UNAUTHENTICATE X-POSTHORN-JMAP"};
  EventService service;
  std::atomic<int> state = 7;
  net::Loop loop;
  Threads threads;
  std::shared_ptr<Backends> hosts;
  std::unique_ptr<Push> push;
};

}  // namespace

TEST_CASE("1,000 streams of 200 users hear of every change, over three connections") {
  World world(true);
  std::vector<std::unique_ptr<http::PushSource::Subscription>> streams;
  std::vector<int> told(1000, 0);
  std::string last;
  for (int i = 0; i < 1000; ++i)
    streams.push_back(world.push->subscribe(watcher("user" + std::to_string(i % 200), false),
                                            [&told, &last, i](const http::Changed& changed) {
                                              ++told[static_cast<std::size_t>(i)];
                                              REQUIRE(changed.size() == 1);
                                              last = changed.begin()->second.at("Email");
                                            }));
  REQUIRE(world.until([&] { return world.service.subscribed == 200 && world.push->counts().looks == 0; }));
  CHECK(world.service.clients == 1);
  CHECK(world.push->counts().streams == 1000);
  for (int user = 0; user < 200; ++user) world.service.event("user" + std::to_string(user), 100 + user);
  REQUIRE(world.until([&] { return std::count(told.begin(), told.end(), 0) == 0; }));
  CHECK(std::count(told.begin(), told.end(), 1) == 1000);
  CHECK(last == "299");
  CHECK(world.server.most() <= 3);
  streams.clear();
  REQUIRE(world.until([&] { return world.service.subscribed == 0; }));
  CHECK(world.push->counts().users == 0);
}

TEST_CASE("a delivery is told as one, and strangers' accounts are not told") {
  World world(true);
  std::vector<http::Changed> told;
  const auto stream = world.push->subscribe(watcher("anna", false),
                                            [&](const http::Changed& changed) { told.push_back(changed); });
  REQUIRE(world.until([&] { return world.service.subscribed == 1; }));
  world.service.event("bert", 5);
  world.service.event("anna", 9, "NewMsg");
  REQUIRE(world.until([&] { return !told.empty(); }));
  REQUIRE(told.size() == 1);
  CHECK(told[0].at("anna").at("EmailDelivery") == "9");
  CHECK(told[0].at("anna").at("Mailbox") == "9");
}

TEST_CASE("who comes back is told how things stand") {
  World world(true);
  std::vector<std::string> states;
  const auto stream = world.push->subscribe(watcher("anna", true), [&](const http::Changed& changed) {
    states.push_back(changed.at("anna").at("Email"));
  });
  REQUIRE(world.until([&] { return !states.empty(); }));
  CHECK(states == std::vector<std::string>{"7"});
}

TEST_CASE("after a gap everybody is told how things stand") {
  World world(true);
  int told = 0;
  std::string last;
  const auto stream = world.push->subscribe(watcher("anna", false), [&](const http::Changed& changed) {
    ++told;
    last = changed.at("anna").at("Email");
  });
  REQUIRE(world.until([&] { return world.service.subscribed == 1 && world.push->counts().looks == 0; }));
  CHECK(told == 0);
  world.state = 41;
  world.service.hangUp();
  REQUIRE(world.until([&] { return told > 0; }));
  CHECK(last == "41");
  CHECK(world.service.clients == 2);
}

TEST_CASE("without an event service users are looked at now and then") {
  World world(false, {.poll = 50ms, .shares = 300'000ms, .looks = 2});
  std::vector<std::string> states;
  const auto stream = world.push->subscribe(watcher("anna", false), [&](const http::Changed& changed) {
    states.push_back(changed.at("anna").at("Email"));
  });
  REQUIRE(world.until([&] {
    const auto heard = world.server.heard();
    return std::any_of(heard.begin(), heard.end(),
                       [](const std::string& line) { return line.find("XUPDATE") != std::string::npos; });
  }));
  REQUIRE(world.until([&] { return world.push->counts().looks == 0; }));
  world.state = 8;
  REQUIRE(world.until([&] { return !states.empty(); }));
  CHECK(states.front() == "8");
}

TEST_CASE("a stream may end while it is told, and its neighbour's, too") {
  World world(true);
  std::unique_ptr<http::PushSource::Subscription> first;
  std::unique_ptr<http::PushSource::Subscription> second;
  int told = 0;
  const auto endBoth = [&](const http::Changed&) {
    ++told;
    first.reset();
    second.reset();
  };
  first = world.push->subscribe(watcher("anna", false), endBoth);
  second = world.push->subscribe(watcher("anna", false), endBoth);
  REQUIRE(world.until([&] { return world.service.subscribed == 1 && world.push->counts().looks == 0; }));
  world.service.event("anna", 9);
  REQUIRE(world.until([&] { return told > 0; }));
  CHECK(told == 1);
  CHECK(world.push->counts().users == 0);
}

TEST_CASE("jobs that come back when nobody is there any more do no harm") {
  World world(true);
  {
    const auto stream = world.push->subscribe(watcher("anna", true), [](const http::Changed&) {});
  }
  world.push.reset();
  world.loop.runOnce(50ms);
}
