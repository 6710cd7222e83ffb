// SPDX-License-Identifier: Apache-2.0
#include "common/events/publisher.h"

#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/config/snapshot.h"

namespace posthorn::events {

namespace {

/// Message events of other mailboxes are for those who asked for them; the account's own are for all.
bool isOf(const Event& event, bool nonInbox) {
  return nonInbox || event.inInbox();
}

UniqueFd connectTo(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return UniqueFd();
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // Non-blocking: a backlog that is full is an error at once.
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return UniqueFd();
  const int size = Publisher::kPublisherBuffer;
  static_cast<void>(::setsockopt(fd.get(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
  return fd;
}

enum class Sent : std::uint8_t { Yes, Full, Gone };

Sent sendPacket(int fd, const Bytes& packet) {
  ssize_t sent = 0;
  do {
    sent = ::send(fd, packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent >= 0) return Sent::Yes;
  const bool full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == EMSGSIZE;
  return full ? Sent::Full : Sent::Gone;
}

}  // namespace

std::string eventSocketPath(const config::Snapshot& config) {
  return config.get<"server.rundir">() + "/events.sock";
}

Publisher::Settings Publisher::Settings::from(const config::Snapshot& config) {
  return {.socket = eventSocketPath(config),
          .targets = unionOf(targetsFrom(config)),
          .hostname = config.hostname(),
          .process = program_invocation_short_name,
          .service = "admincli"};
}

Publisher::Publisher(Settings settings, const Clock& clock) : clock_(clock) {
  configure(std::move(settings));
}

Publisher::~Publisher() = default;

void Publisher::configure(Settings settings) {
  enabled_.store(settings.targets.enabled, std::memory_order_relaxed);
  nonInbox_.store(settings.targets.nonInbox, std::memory_order_relaxed);
  maxHeader_.store(settings.targets.maxHeader, std::memory_order_relaxed);
  maxBody_.store(settings.targets.maxBody, std::memory_order_relaxed);
  line_.with([&](Line& line) { line.settings = std::move(settings); });
}

EventMask Publisher::wanted(const Area* area, EventMask among) const noexcept {
  return area == nullptr ? 0 : area->wanted() & enabled_.load(std::memory_order_relaxed) & among;
}

std::size_t Publisher::maxHeader() const noexcept {
  return maxHeader_.load(std::memory_order_relaxed);
}

std::size_t Publisher::maxBody() const noexcept {
  return maxBody_.load(std::memory_order_relaxed);
}

void Publisher::publish(const Area* area, Event event) noexcept {
  if (wanted(area, maskOf(event.type)) == 0) return;
  if (!isOf(event, nonInbox_.load(std::memory_order_relaxed))) return;
  try {
    if (event.timestamp == 0)
      event.timestamp =
          std::chrono::duration_cast<std::chrono::milliseconds>(clock_.wall().time_since_epoch()).count();
    if (event.pid == 0) event.pid = static_cast<std::uint32_t>(::getpid());
    line_.with([&](Line& line) { send(line, std::move(event)); });
  } catch (const std::exception&) {
    // No memory: the commit is done and must not hear of it.
  }
}

/// After an attempt that failed, the next one waits for kRetry.
bool Publisher::connected(Line& line) const {
  if (line.socket) return true;
  const Steady now = clock_.steady();
  if (now < line.nextAttempt) return false;
  ++line.counts.attempts;
  line.socket = connectTo(line.settings.socket);
  if (!line.socket) line.nextAttempt = now + kRetry;
  return static_cast<bool>(line.socket);
}

void Publisher::send(Line& line, Event event) const {
  if (event.hostname.empty()) event.hostname = line.settings.hostname;
  if (event.process.empty()) event.process = line.settings.process;
  if (event.service.empty()) event.service = line.settings.service;
  // Twice: an event service that was started anew is found with the first event, not lost with it.
  for (int attempt = 0; attempt < 2 && connected(line); ++attempt) {
    const Sent sent = sendPacket(line.socket.get(), encode({line.untold, event}));
    if (sent == Sent::Yes) {
      line.untold = 0;
      ++line.counts.sent;
      return;
    }
    if (sent == Sent::Full) break;
    line.socket.reset();
  }
  ++line.untold;
  ++line.counts.lost;
}

Publisher::Counts Publisher::counts() const {
  return line_.with([](const Line& line) { return line.counts; });
}

}  // namespace posthorn::events
