// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/net/line_reader.h"
#include "common/net/session.h"
#include "tools/enpd/command.h"
#include "tools/enpd/outbox.h"
#include "tools/enpd/shared.h"

namespace posthorn::enpd {

/// One connection to the event service, from greeting to close: takes commands, hands out events. Owned by
/// the worker's SessionTable; lives on one loop.
///
/// What a client does not take waits here, bounded, and not in the stream; commands are not read meanwhile.
class Session final : public net::StreamSession, public Subscriber {
 public:
  /// `welcome` false: it is told that it may not come in, and no more.
  Session(Shared& shared, net::Arrival arrival, bool welcome);
  ~Session() override;

  /// Says something when nothing was said for ens.pinginterval. Called about once a second.
  void tick();

  // net::Session, net::StreamHandler
  void part(net::Parting why) override;
  void onOpen() override;
  void onInput() override { advance(); }
  void onDrained() override;
  void onEof() override;
  void onClosed(const Status& why) override;

  // Subscriber
  void onEvent(const Line& line) override;
  void onLost(std::uint64_t count) override;

 private:
  void greet();
  void advance();
  bool takeLine();
  void run(std::string_view line);
  void carryOut(Command& command);
  void refuse(const Error& error);
  void subscribe(Command& command);
  void unsubscribe(const Command& command);
  void publish(const Command& command);
  void relay(const Command& command);
  void startTls();
  void say(std::string line);
  void pump();
  void leave(std::string_view why, bool again);
  [[nodiscard]] bool mayPublish() const;
  [[nodiscard]] bool congested() const;
  void countSubscriptions();

  Shared& shared_;
  net::LineReader lines_;
  Outbox outbox_;
  Steady lastWord_{};         // ours
  unsigned badCommands_ = 0;  // in a row
  std::size_t counted_ = 0;   // of its subscriptions, in the scoreboard
  std::uint64_t eventsOut_ = 0;
  std::uint64_t eventsLost_ = 0;
  bool welcome_;
  bool greeted_ = false;
  bool skipping_ = false;   // the rest of a line that was too long
  bool advancing_ = false;  // advance() is on the stack
  bool leaving_ = false;
};

}  // namespace posthorn::enpd
