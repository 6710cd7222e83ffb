// SPDX-License-Identifier: Apache-2.0
#pragma once

// The whole protocol between master and a worker.
//
// master forks and execs `<program> --worker <label>`. The new process has exactly these descriptors (besides
// 0 = /dev/null, 1 and 2 = master's): the fixed ones below, then its service's listening sockets, then, when
// it has the event area, the eventfds of all slots of it (common/events/area.h). Over the
// control socket (SOCK_SEQPACKET, one JSON object a packet, so that two releases can talk) go these messages:
//
//   master → worker                                        worker → master
//   launch    the first one, sent before exec:             ready     listeners are open, the loop runs
//             service, generation, slot, listeners         failed    cannot start: text says why; it exits
//             then
//   snapshot  new live options; brings the configuration   applied   the snapshot `number` is in use, or text
//   says
//             memfd and the TLS memfd                                why not (the old one stays)
//   drain     close the listeners, keep sessions until     closed    the listeners are closed (drain, stop or
//   the
//             they end, at most `seconds`                            worker's own decision)
//   stop      close the listeners, end sessions orderly,
//             exit within `seconds`
//   died      another worker died: clean up after it
//   dump      write the state to the log
//
// End of file on the control socket tells a worker that master died: it closes its listeners at once, so that
// a new master can bind them, and drains. The end of a worker is told by its exit status: 0 when it was asked
// to end.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace posthorn::proc {

inline constexpr int kLinkProtocol = 1;
inline constexpr std::size_t kMaxPacket = 32768;
inline constexpr std::size_t kMaxPacketFds = 2;

/// The descriptors of a new worker.
inline constexpr int kControlFd = 3;     ///< its end of the socket pair
inline constexpr int kConfigFd = 4;      ///< sealed memfd: Snapshot::serialize(service)
inline constexpr int kTlsFd = 5;         ///< sealed memfd: TlsMaterial::encode()
inline constexpr int kScoreboardFd = 6;  ///< the service's segment
inline constexpr int kEventAreaFd = 7;   ///< the event area, when `eventWakes` is not 0
inline constexpr int kFailuresFd = 8;    ///< stats::FailureTable, when `failures` is set
inline constexpr int kFirstListenerFd = 9;
inline constexpr int kMaxListeners = 128;

/// The argument by which a program knows that it was started by master.
inline constexpr const char* kWorkerArgument = "--worker";

enum class Kind : std::uint8_t { Launch, Snapshot, Drain, Stop, Died, Dump, Ready, Failed, Applied, Closed };

/// A listening socket: the one at kFirstListenerFd + its position.
struct ListenerInfo {
  std::string address;  ///< "0.0.0.0", "::1"; the path of a Unix socket
  std::uint16_t port = 0;
  bool tls = false;  ///< TLS begins with the first byte
};

/// One message; which fields count depends on its kind.
struct Message {
  Kind kind = Kind::Dump;
  std::string service;                     ///< launch, died: "pop"
  std::uint64_t generation = 0;            ///< launch, died
  std::uint32_t slot = 0;                  ///< launch, died: number in the scoreboard
  std::uint32_t index = 0;                 ///< launch: 0 .. numprocesses-1
  std::uint32_t pid = 0;                   ///< died
  std::uint64_t number = 0;                ///< snapshot, applied
  std::chrono::seconds seconds{};          ///< drain, stop
  std::string text;                        ///< failed, applied: why (cut to 2 kB); empty in a good `applied`
  std::vector<ListenerInfo> listeners;     ///< launch
  std::uint32_t eventWakes = 0;            ///< launch: eventfds after the listeners; 0: no event area
  std::optional<std::uint32_t> eventSlot;  ///< launch: the worker's own slot in the event area; none: it
                                           ///< commits only, or all slots were taken
  bool failures = false;                   ///< launch: kFailuresFd is there
};

/// One end of the control socket, owned. One thread; never blocks.
class Link {
 public:
  explicit Link(UniqueFd fd) : fd_(std::move(fd)) {}

  /// Two connected ends, close-on-exec and non-blocking.
  static Result<std::pair<Link, Link>> pair();

  [[nodiscard]] int fd() const { return fd_.get(); }
  UniqueFd release() { return std::move(fd_); }

  /// Sends a message with copies of `fds`. Errc::Unavailable when the peer does not read, Io when it is gone.
  Status send(const Message& message, std::span<const int> fds = {});

  struct Received {
    Message message;
    std::vector<UniqueFd> fds;
  };
  /// The next message; nothing when there is none now. Errc::Cancelled at the end (the peer is gone), Invalid
  /// for a packet that is none of ours (it is dropped, the next call goes on).
  Result<std::optional<Received>> receive();

 private:
  UniqueFd fd_;
};

}  // namespace posthorn::proc
