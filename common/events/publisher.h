// SPDX-License-Identifier: Apache-2.0
#pragma once

// The way of rich events from those who commit to the local event service, enpd.
//
// enpd binds a Unix SOCK_SEQPACKET socket at eventSocketPath() (server.rundir/events.sock, mode 0600, owner
// server.user) and reads packets, each one encode()d EventPacket; it answers nothing and sends nothing.
// Publishers connect when they first have something that is wanted, keep the connection, and send without
// ever waiting: a packet that does not fit now is counted, and the count comes with the next that fits. enpd
// should give the listener a backlog of some hundreds and each accepted connection a large SO_RCVBUF (it is
// the sender's buffer that counts for Unix sockets, and the publisher asks for kPublisherBuffer).
//
// Which types are wanted enpd keeps in the event area: Area::want(mask) stores the word, at its start and
// whenever subscriptions change, with Target::published() of each target applied. Zero: nobody listens, and a
// commit costs one load. The word outlives a killed enpd; publishers then try to connect once in kRetry and
// otherwise do nothing. A new enpd that takes over from a draining one binds its own socket over the old one
// and stores the word anew; the draining one closes its publishers' connections at once and leaves word and
// path alone.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "common/base/clock.h"
#include "common/base/locked.h"
#include "common/base/unique_fd.h"
#include "common/events/area.h"
#include "common/events/event.h"
#include "common/events/targets.h"

namespace posthorn::events {

/// Under server.rundir.
std::string eventSocketPath(const config::Snapshot& config);

/// One for each process. Any thread; nothing here blocks, throws or fails.
class Publisher {
 public:
  static constexpr std::chrono::milliseconds kRetry{1000};  ///< after an attempt to connect that failed
  static constexpr int kPublisherBuffer = 1 << 20;          ///< SO_SNDBUF, as far as the host allows

  struct Settings {
    std::string socket;
    TargetUnion targets;
    std::string hostname;
    std::string process;
    std::string service;  ///< of RFC 5423: "imap", "admincli"
    static Settings from(const config::Snapshot& config);
  };

  explicit Publisher(Settings settings, const Clock& clock = Clock::system());
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// Live options changed.
  void configure(Settings settings);

  /// The types of `among` that somebody wants and the targets allow. `area` may be null: nobody.
  [[nodiscard]] EventMask wanted(const Area* area, EventMask among) const noexcept;
  /// Sends it if wanted() has its type and its mailbox is allowed. Fills in timestamp, hostname, process,
  /// service and pid where they are empty.
  void publish(const Area* area, Event event) noexcept;

  /// How much of a message's header and body an event may carry.
  [[nodiscard]] std::size_t maxHeader() const noexcept;
  [[nodiscard]] std::size_t maxBody() const noexcept;

  struct Counts {
    std::uint64_t sent = 0;
    std::uint64_t lost = 0;      ///< all that did not fit or found nobody there
    std::uint64_t attempts = 0;  ///< to connect
  };
  [[nodiscard]] Counts counts() const;

 private:
  struct Line {
    Settings settings;
    UniqueFd socket;
    Steady nextAttempt{};
    std::uint64_t untold = 0;  ///< lost, and not yet reported
    Counts counts;
  };
  [[nodiscard]] bool connected(Line& line) const;
  void send(Line& line, Event event) const;

  const Clock& clock_;
  std::atomic<EventMask> enabled_{0};
  std::atomic<bool> nonInbox_{false};
  std::atomic<std::size_t> maxHeader_{0};
  std::atomic<std::size_t> maxBody_{0};
  Locked<Line> line_;
};

}  // namespace posthorn::events
