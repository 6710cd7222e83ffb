// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/net/line_reader.h"
#include "common/net/stream.h"

// A connection to an event service (its protocol: tools/enpd/command.h) that is made anew whenever it ends.

namespace posthorn::events {

class ServiceLink;

/// What a link tells its owner; loop thread. Any of these may call any function of the link, not destroy it.
class ServiceLinkHandler {
 public:
  virtual ~ServiceLinkHandler() = default;
  /// The service has greeted: commands may be sent.
  virtual void onUp() = 0;
  /// A line without its end, the greeting not among them.
  virtual void onLine(View line) = 0;
  /// What was sent has been taken as far as it was held back.
  virtual void onTaken() {}
  /// The connection is gone, or could not be made: why, for a log. Another one is tried.
  virtual void onDown(const std::string& why) = 0;
};

/// Finds the addresses of a host and calls back on the loop, with none when there are none. Must not block.
using Resolve = std::function<void(const std::string& host, std::function<void(std::vector<net::Address>)>)>;

/// Owned by who uses it; loop thread.
class ServiceLink final : public net::StreamHandler {
 public:
  struct Settings {
    std::string host = "127.0.0.1";  ///< an address, "localhost", or what `resolve` knows
    std::uint16_t port = 7997;
    Resolve resolve = nullptr;
    std::chrono::milliseconds patience{10'000};  ///< from the first step to the greeting
    std::chrono::milliseconds firstWait{250};    ///< before another attempt; doubles up to lastWait
    std::chrono::milliseconds lastWait{30'000};
    std::size_t maxLine = 512UL * 1024;
  };

  ServiceLink(net::Loop& loop, Settings settings, ServiceLinkHandler& handler);
  ~ServiceLink() override;
  ServiceLink(const ServiceLink&) = delete;
  ServiceLink& operator=(const ServiceLink&) = delete;

  /// Connects, and again after each end.
  void start();
  /// Ends the connection; what is queued is still sent. No callback comes any more.
  void stop();

  [[nodiscard]] bool up() const { return phase_ == Phase::Up; }
  /// Dropped unless up(). A line with its end.
  void send(std::string line);
  /// Octets that the service has not taken.
  [[nodiscard]] std::uint64_t pending() const { return stream_ ? stream_->pending() : 0; }

  // net::StreamHandler
  void onOpen() override {}
  void onInput() override;
  void onDrained() override;
  void onEof() override;
  void onClosed(const Status& why) override;

 private:
  enum class Phase : std::uint8_t { Idle, Waiting, Connecting, Greeting, Up };

  void tryNow();
  void dial(std::vector<net::Address> addresses);
  void dialNext();
  void onDialled();
  void talk(UniqueFd fd);
  void takeLine(View line);
  void failed(const std::string& why);
  void bury();

  net::Loop& loop_;
  Settings settings_;
  ServiceLinkHandler& handler_;
  Phase phase_ = Phase::Idle;
  std::uint64_t attempt_ = 0;  // an answer to an earlier one is late
  std::vector<net::Address> addresses_;
  std::string lastFailure_;
  UniqueFd dialling_;
  net::Endpoint peer_;
  std::unique_ptr<net::Watch> dialled_;
  std::unique_ptr<net::Stream> stream_;
  std::unique_ptr<net::LineReader> lines_;
  std::chrono::milliseconds wait_;
  net::Timer timer_;
  std::shared_ptr<bool> alive_;
};

/// True for a line that the service says for itself, which begins with {"ens":"KIND".
bool isServiceLine(View line, View kind);

}  // namespace posthorn::events
