// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <sys/types.h>

#include "common/base/unique_fd.h"
#include "common/events/event.h"
#include "common/net/loop.h"

namespace posthorn::enpd {

/// The programs of this host that publish: accepts them on a Unix SOCK_SEQPACKET socket that master has
/// bound, root and this process's user only, and reads their packets. Loop thread.
class Publishers {
 public:
  static constexpr std::size_t kMost = 1024;  ///< connections

  /// Each packet that is an event.
  using OnPacket = std::function<void(const events::EventPacket&)>;
  Publishers(net::Loop& loop, OnPacket onPacket);
  ~Publishers();
  Publishers(const Publishers&) = delete;
  Publishers& operator=(const Publishers&) = delete;

  void listen(UniqueFd socket);
  /// Takes what has been sent, then closes socket and connections: publishers look for the next service.
  void close();
  [[nodiscard]] std::size_t size() const { return connections_.size(); }

 private:
  struct Connection {
    UniqueFd fd;
    pid_t pid = 0;
    std::unique_ptr<net::Watch> watch;
  };
  void onAccept();
  [[nodiscard]] bool mayPublish(int fd, pid_t& pid);
  /// One line a second is enough of those whom anybody on this host can cause.
  [[nodiscard]] bool mayLog(Steady& quietUntil) const;
  enum class Read : std::uint8_t { Packet, Nothing, End };
  Read readOne(Connection& connection);
  void onReadable(int fd);
  void drop(int fd);

  net::Loop& loop_;
  OnPacket onPacket_;
  UniqueFd socket_;
  std::unique_ptr<net::Watch> accepting_;
  std::unordered_map<int, Connection> connections_;
  std::vector<char> buffer_;
  Steady strangersQuiet_{};
  Steady packetsQuiet_{};
};

}  // namespace posthorn::enpd
