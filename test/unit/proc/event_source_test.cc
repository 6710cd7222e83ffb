// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/proc/control.h"
#include "common/proc/fd_passing.h"

using namespace posthorn;
using namespace posthorn::proc;
using std::chrono::milliseconds;

namespace {

/// A control socket in a directory of its own, and what a master does with the one who connects.
class FakeMaster {
 public:
  explicit FakeMaster(int backlog = 4) {
    char name[] = "/tmp/posthorn-events-XXXXXX";
    REQUIRE(::mkdtemp(name) != nullptr);
    directory_ = name;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(listener_.get(), backlog) == 0);
  }
  ~FakeMaster() {
    if (thread_.joinable()) thread_.join();
    ::unlink(path().c_str());
    ::rmdir(directory_.c_str());
  }
  FakeMaster(const FakeMaster&) = delete;
  FakeMaster& operator=(const FakeMaster&) = delete;

  [[nodiscard]] std::string path() const { return directory_ + "/master.sock"; }

  /// Answers one request, which is kept.
  void answer(const std::function<void(int fd)>& how) {
    thread_ = std::thread([this, how] {
      const UniqueFd peer(::accept(listener_.get(), nullptr, nullptr));
      char bytes[256];
      const ssize_t got = ::recv(peer.get(), bytes, sizeof bytes, 0);
      request_.assign(bytes, got > 0 ? static_cast<std::size_t>(got) : 0);
      how(peer.get());
    });
  }
  std::string request() {
    thread_.join();
    return request_;
  }

 private:
  std::string directory_;
  UniqueFd listener_;
  std::thread thread_;
  std::string request_;
};

milliseconds took(const std::function<void()>& what) {
  const auto start = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
}

}  // namespace

TEST_CASE("a tool gets the event area from master") {
  FakeMaster master;
  const auto area = events::Area::create({1, 2}).value();
  master.answer(
      [&](int fd) { CHECK(sendWithFds(fd, "{\"ok\":true,\"messages\":[]}\n", area->descriptors()) > 0); });
  const auto got = askForEvents(master.path(), milliseconds(10000));
  REQUIRE(got != nullptr);
  CHECK(master.request() == "{\"command\":\"events\"}\n");
  area->addInterest(11, area->bucketOf("anna"));
  got->announce(got->bucketOf("anna"));
  std::vector<std::uint32_t> dirty;
  area->takeDirty(11, dirty);
  CHECK(dirty == std::vector<std::uint32_t>{area->bucketOf("anna")});
  std::uint64_t count = 0;
  CHECK(::read(area->wakeFd(11), &count, sizeof count) == sizeof count);
}

TEST_CASE("no master, a refusal or a wrong area is no area") {
  CHECK(askForEvents("/tmp/posthorn-no-such-directory/master.sock") == nullptr);
  CHECK(askForEvents("/tmp/" + std::string(200, 'x')) == nullptr);
  const auto small = events::Area::create({1, 2}, 3).value();
  const std::vector<std::function<void(int)>> answers = {
      [](int) {},
      [](int fd) { sendWithFds(fd, "{\"ok\":false,\"messages\":[\"permission denied\"]}\n", {}); },
      [&](int fd) { sendWithFds(fd, "{\"ok\":true}\n", small->descriptors()); },
      [](int fd) {
        const std::vector<int> strange(65, STDERR_FILENO);
        sendWithFds(fd, "{\"ok\":true}\n", strange);
      },
  };
  for (const auto& answer : answers) {
    FakeMaster master;
    master.answer(answer);
    CHECK(askForEvents(master.path(), milliseconds(10000)) == nullptr);
  }
}

TEST_CASE("a stuck master costs a tool its patience and no more") {
  // Accepted by the kernel, never by master.
  const FakeMaster silent;
  const auto waited = took([&] { CHECK(askForEvents(silent.path(), milliseconds(200)) == nullptr); });
  CHECK(waited >= milliseconds(190));
  CHECK(waited < milliseconds(2000));
  // Not even accepted by the kernel: the backlog is full.
  const FakeMaster full(0);
  const auto first = took([&] { CHECK(askForEvents(full.path(), milliseconds(1)) == nullptr); });
  CHECK(first < milliseconds(2000));
  for (int i = 0; i < 4; ++i) {
    const auto next = took([&] { CHECK(askForEvents(full.path(), milliseconds(1)) == nullptr); });
    CHECK(next < milliseconds(2000));
  }
}
