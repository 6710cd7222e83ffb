// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>

#include "tools/enpd/exchange.h"

namespace posthorn::enpd {

/// The events that wait for a slow subscriber, and how many it missed. When it is full, what comes is counted
/// and dropped until half of it is free again; then the count stands where the events would have stood.
/// Without a socket.
class Outbox {
 public:
  struct Limits {
    std::size_t lines = 0;
    std::size_t bytes = 0;
  };

  /// False: dropped and counted.
  bool put(Line line, const Limits& limits);
  /// Events that never came.
  void missed(std::uint64_t count) { missed_ += count; }
  /// The next line to send; null when there is none now.
  Line take();

  [[nodiscard]] bool empty() const { return lines_.empty() && dropped_ == 0 && missed_ == 0; }
  [[nodiscard]] std::size_t size() const { return lines_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void push(Line line);
  void tellDropped();

  std::deque<Line> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;  // and not yet told
  std::uint64_t missed_ = 0;   // by publishers; may be told at any time
};

}  // namespace posthorn::enpd
