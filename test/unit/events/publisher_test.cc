// SPDX-License-Identifier: Apache-2.0
#include "common/events/publisher.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/events/notifier.h"

using namespace posthorn;
using namespace posthorn::events;

namespace {

/// What enpd is to publishers.
class Service {
 public:
  explicit Service(const std::string& path, int backlog = 16)
      : listener_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    ::unlink(path.c_str());
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_.get(), backlog) == 0);
  }
  bool accept() {
    connection_ = UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    return static_cast<bool>(connection_);
  }
  std::optional<EventPacket> read() {
    if (!connection_ && !accept()) return std::nullopt;
    Bytes buffer(kMaxEventPacket, '\0');
    const ssize_t n = ::recv(connection_.get(), buffer.data(), buffer.size(), 0);
    if (n <= 0) return std::nullopt;
    auto packet = decodeEvent(View(buffer).substr(0, static_cast<std::size_t>(n)));
    REQUIRE(packet.ok());
    return std::move(packet).value();
  }

 private:
  UniqueFd listener_;
  UniqueFd connection_;
};

struct Site {
  Site() {
    char folder[] = "/tmp/posthorn-events.XXXXXX";
    REQUIRE(::mkdtemp(folder) != nullptr);
    path = std::string(folder) + "/events.sock";
    area->want(kAllEvents);
  }
  ~Site() {
    publisher.reset();
    ::unlink(path.c_str());
    ::rmdir(path.substr(0, path.rfind('/')).c_str());
  }
  Site(const Site&) = delete;
  Site& operator=(const Site&) = delete;

  Publisher& start(EventMask enabled = kAllEvents, bool nonInbox = true) {
    Publisher::Settings settings;
    settings.socket = path;
    settings.targets.enabled = enabled;
    settings.targets.nonInbox = nonInbox;
    settings.hostname = "eman";
    settings.process = "imapd";
    settings.service = "imap";
    publisher = std::make_shared<Publisher>(settings, clock);
    return *publisher;
  }

  std::string path;
  ManualClock clock;
  std::shared_ptr<Area> area = Area::create({1, 2}, 1).value();
  std::shared_ptr<Publisher> publisher;
};

Event event(EventType type = EventType::NewMsg, const std::string& mailbox = "INBOX") {
  Event e;
  e.type = type;
  e.owner = "anna";
  e.mailbox = mailbox;
  return e;
}

}  // namespace

TEST_CASE("an event arrives with what the publisher knows") {
  Site site;
  Service service(site.path);
  Publisher& publisher = site.start();
  publisher.publish(site.area.get(), event());
  const auto packet = service.read();
  REQUIRE(packet);
  CHECK(packet->lost == 0);
  CHECK(packet->event.owner == "anna");
  CHECK(packet->event.hostname == "eman");
  CHECK(packet->event.process == "imapd");
  CHECK(packet->event.service == "imap");
  CHECK(packet->event.pid == static_cast<std::uint32_t>(::getpid()));
  CHECK(packet->event.timestamp == 1'700'000'000'000);
}

TEST_CASE("what nobody wants never reaches the socket") {
  Site site;
  Publisher& publisher = site.start(kAllEvents & ~maskOf(EventType::ReadMsg));
  CHECK(publisher.wanted(nullptr, kAllEvents) == 0);
  site.area->want(0);
  CHECK(publisher.wanted(site.area.get(), kAllEvents) == 0);
  publisher.publish(site.area.get(), event());
  publisher.publish(nullptr, event());
  CHECK(publisher.counts().attempts == 0);
  CHECK(publisher.counts().lost == 0);
  site.area->want(maskOf(EventType::ReadMsg) | maskOf(EventType::NewMsg));
  CHECK(publisher.wanted(site.area.get(), kAllEvents) == maskOf(EventType::NewMsg));
  publisher.publish(site.area.get(), event(EventType::ReadMsg));
  publisher.publish(site.area.get(), event(EventType::TrashMsg));
  CHECK(publisher.counts().attempts == 0);
}

TEST_CASE("mailboxes other than INBOX are told of only where they are asked for") {
  Site site;
  Service service(site.path);
  Publisher& publisher = site.start(kAllEvents, false);
  publisher.publish(site.area.get(), event(EventType::NewMsg, "Work"));
  publisher.publish(site.area.get(), event(EventType::NewMsg, "INBOX"));
  publisher.publish(site.area.get(), event(EventType::Login, ""));
  CHECK(service.read()->event.mailbox == "INBOX");
  CHECK(service.read()->event.type == EventType::Login);
  CHECK_FALSE(service.read());
  CHECK(publisher.counts().lost == 0);
}

TEST_CASE("a service that is away costs one attempt in a while, and hears afterwards what it missed") {
  Site site;
  Publisher& publisher = site.start();
  for (int i = 0; i < 100; ++i) publisher.publish(site.area.get(), event());
  CHECK(publisher.counts().attempts == 1);
  CHECK(publisher.counts().lost == 100);
  Service service(site.path);
  publisher.publish(site.area.get(), event());
  CHECK(publisher.counts().attempts == 1);  // it is not yet time
  site.clock.advance(Publisher::kRetry);
  publisher.publish(site.area.get(), event());
  const auto packet = service.read();
  REQUIRE(packet);
  CHECK(packet->lost == 101);
  publisher.publish(site.area.get(), event());
  CHECK(service.read()->lost == 0);
}

TEST_CASE("what does not fit is counted and told with the next that does") {
  Site site;
  Service service(site.path);
  Publisher& publisher = site.start();
  Event large = event();
  large.body.assign(kMaxEventPayload, 'x');
  std::uint64_t sent = 0;
  while (publisher.counts().lost == 0) {
    publisher.publish(site.area.get(), large);
    REQUIRE(++sent < 10'000);
  }
  for (int i = 0; i < 9; ++i) publisher.publish(site.area.get(), large);
  const auto counts = publisher.counts();
  CHECK(counts.lost == 10);
  CHECK(counts.sent == sent - 1);
  std::uint64_t read = 0;
  while (const auto packet = service.read()) {
    CHECK(packet->lost == 0);
    ++read;
  }
  CHECK(read == counts.sent);
  publisher.publish(site.area.get(), event());
  CHECK(service.read()->lost == 10);
  publisher.publish(site.area.get(), event());
  CHECK(service.read()->lost == 0);
}

TEST_CASE("a service that was started anew hears the very next event") {
  Site site;
  Publisher& publisher = site.start();
  {
    Service first(site.path);
    publisher.publish(site.area.get(), event());
    CHECK(first.read());
  }
  Service second(site.path);
  publisher.publish(site.area.get(), event(EventType::ReadMsg));
  const auto packet = second.read();
  REQUIRE(packet);
  CHECK(packet->event.type == EventType::ReadMsg);
  CHECK(packet->lost == 0);
}

TEST_CASE("a listener that never accepts delays nobody") {
  Site site;
  Service service(site.path, 0);
  Publisher& first = site.start();
  first.publish(site.area.get(), event());
  Publisher::Settings settings;
  settings.socket = site.path;
  settings.targets.enabled = kAllEvents;
  settings.targets.nonInbox = true;
  for (int i = 0; i < 5; ++i) {
    Publisher other(settings, site.clock);
    other.publish(site.area.get(), event());
    CHECK(other.counts().sent + other.counts().lost == 1);
  }
}

TEST_CASE("threads publish side by side and nothing is lost") {
  Site site;
  Service service(site.path);
  Publisher& publisher = site.start();
  constexpr int kThreads = 4;
  constexpr int kEach = 25;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) publisher.publish(site.area.get(), event());
    });
  for (auto& thread : threads) thread.join();
  int read = 0;
  while (service.read()) ++read;
  CHECK(read == kThreads * kEach);
  CHECK(publisher.counts().lost == 0);
}

TEST_CASE("the notifier publishes for the store") {
  Site site;
  Service service(site.path);
  site.start();
  const Notifier notifier(std::shared_ptr<const Area>(site.area), site.publisher);
  CHECK(notifier.wanted(maskOf(EventType::NewMsg)) != 0);
  notifier.publish(event());
  CHECK(service.read());
  const Notifier silent{std::shared_ptr<const Area>(site.area)};
  CHECK(silent.wanted(kAllEvents) == 0);
  silent.publish(event());
  CHECK_FALSE(service.read());
}
