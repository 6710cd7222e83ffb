// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/events/service_link.h"

// How a program hears of events:
//
//   class Push : public events::EventHandler { ... };
//   events::Subscriber subscriber(loop, {.port = 7997}, push);
//   subscriber.add({events::accountReference("anna"), events::accountReference("bert")});
//   subscriber.start();
//
// The connection is made anew whenever it ends, and the subscriptions with it. Events while it was away are
// gone: onGap says so, and who must not miss anything looks at the truth then (the store's MODSEQ).

namespace posthorn::events {

/// Loop thread. Any of these may call any function of the Subscriber, not destroy it.
class EventHandler {
 public:
  virtual ~EventHandler() = default;
  /// One event, in the form that was asked for, without the line's end.
  virtual void onEvent(View line) = 0;
  /// Events are missing: so many, or an unknown number (the connection was away).
  virtual void onGap(std::optional<std::uint64_t> count) = 0;
  /// All subscriptions that there were have been taken; also after each new connection.
  virtual void onListening() {}
  /// The service refused a SUBSCRIBE: its line. The connection goes on.
  virtual void onRefused(View line) = 0;
  /// The connection is gone or could not be made; another one is tried.
  virtual void onDown(const std::string& why) = 0;
};

/// The reference that holds all events of an account (its canonical id).
std::string accountReference(View account, View key = "enp://127.0.0.1/store");

class Subscriber final : public ServiceLinkHandler {
 public:
  struct Settings {
    ServiceLink::Settings link = {};
    std::string types;  ///< "NewMsg,StateChange"; empty: the usual ones
    bool json = true;   ///< false: event references
  };

  Subscriber(net::Loop& loop, Settings settings, EventHandler& handler);

  void start() { link_.start(); }
  void stop() { link_.stop(); }
  /// Each at once when connected, in lines of many references; known ones are left alone.
  void add(const std::vector<std::string>& references);
  void remove(const std::string& reference);
  [[nodiscard]] std::size_t size() const { return references_.size(); }
  [[nodiscard]] bool up() const { return link_.up(); }

  // ServiceLinkHandler
  void onUp() override;
  void onLine(View line) override;
  void onDown(const std::string& why) override;

 private:
  void subscribe(const std::vector<std::string>& references);
  void answered();

  Settings settings_;
  EventHandler& handler_;
  std::set<std::string> references_;
  std::size_t unanswered_ = 0;  // SUBSCRIBE lines
  bool wasUp_ = false;
  ServiceLink link_;
};

}  // namespace posthorn::events
