// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of streams share: a connected TCP pair on the loopback, a client that listens to its end on
// the same loop, a handler that remembers what it was told.

#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "common/net/stream.h"

namespace posthorn::net::test {

struct Pair {
  UniqueFd server;
  UniqueFd client;
};

inline UniqueFd listenLoopback(std::uint16_t* port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(fd.get(), 512) == 0);
  socklen_t length = sizeof address;
  REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
  *port = ntohs(address.sin_port);
  return fd;
}

inline UniqueFd connectLoopback(std::uint16_t port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
  return fd;
}

inline Pair connectedPair() {
  std::uint16_t port = 0;
  const UniqueFd listener = listenLoopback(&port);
  Pair pair;
  pair.client = connectLoopback(port);
  pair.server = UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  REQUIRE(pair.server.valid());
  return pair;
}

/// A file without a name that holds `bytes`.
inline FileRange fileOf(const std::string& bytes) {
  auto fd = std::make_shared<UniqueFd>(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  REQUIRE(fd->valid());
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(fd->get(), bytes.data() + done, bytes.size() - done);
    REQUIRE(n > 0);
    done += static_cast<std::size_t>(n);
  }
  return {.fd = fd->get(), .offset = 0, .length = bytes.size(), .pin = fd};
}

/// Bytes in which every displacement shows.
inline std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint64_t state = 88172645463325252ULL;
  for (char& c : bytes) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    c = static_cast<char>(state);
  }
  return bytes;
}

/// The other end, in clear.
class Client {
 public:
  Client(Loop& loop, UniqueFd fd)
      : fd_(std::move(fd)), watch_(loop, fd_.get(), Ready::Read, [this] { take(); }) {
    watch_.enable();
  }
  void send(std::string_view text) {
    REQUIRE(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  void halfClose() { ::shutdown(fd_.get(), SHUT_WR); }
  void listen(bool on) { on ? watch_.enable() : watch_.disable(); }
  [[nodiscard]] int fd() const { return fd_.get(); }

  std::string got;
  bool eof = false;
  bool reset = false;
  int reads = 0;

 private:
  void take() {
    char bytes[65536];
    const ssize_t n = ::recv(fd_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    if (n > 0) {
      ++reads;
      got.append(bytes, static_cast<std::size_t>(n));
      return;
    }
    if (n < 0 && errno == EAGAIN) return;
    (n == 0 ? eof : reset) = true;
    watch_.disable();
  }
  UniqueFd fd_;
  Watch watch_;
};

/// Remembers; `on...` may be set to act.
class Recorder : public StreamHandler {
 public:
  void onOpen() override {
    ++opened;
    if (doOpen) doOpen();
  }
  void onInput() override {
    ++inputs;
    if (doInput) doInput();
  }
  void onDrained() override {
    ++drained;
    if (doDrained) doDrained();
  }
  void onEof() override {
    ++eofs;
    if (doEof) doEof();
  }
  void onClosed(const Status& why) override {
    ++closed;
    if (!why.ok()) error = why.error();
  }

  int opened = 0;
  int inputs = 0;
  int drained = 0;
  int eofs = 0;
  int closed = 0;
  std::optional<Error> error;
  std::function<void()> doOpen;
  std::function<void()> doInput;
  std::function<void()> doDrained;
  std::function<void()> doEof;
};

}  // namespace posthorn::net::test
