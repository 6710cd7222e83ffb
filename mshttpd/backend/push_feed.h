// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/events/subscriber.h"
#include "mshttpd/backend/messages.h"
#include "mshttpd/backend/push.h"

namespace posthorn::mshttpd::backend {

/// What one store host's event service says. Owned by Push; loop thread.
class Push::Feed final : public events::EventHandler {
 public:
  Feed(Push& push, std::string host, const Endpoint& at);

  /// How many watch an account; its events come as long as somebody does.
  void add(const std::string& owner);
  void remove(const std::string& owner);
  [[nodiscard]] bool listening() const { return subscriber_ && subscriber_->up(); }
  [[nodiscard]] bool unused() const { return owners_.empty(); }

  // events::EventHandler
  void onEvent(View line) override;
  void onGap(std::optional<std::uint64_t> count) override;
  void onListening() override;
  void onRefused(View line) override;
  void onDown(const std::string& why) override;

 private:
  void complain(const std::string& why);

  Push& push_;
  std::string host_;
  std::map<std::string, unsigned> owners_;
  std::unique_ptr<events::Subscriber> subscriber_;  // null: the host has no event service
  bool complained_ = false;
};

}  // namespace posthorn::mshttpd::backend
