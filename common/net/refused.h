// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/net/acceptor.h"

namespace posthorn::net {

/// A client that may not come in, while it is told why. Owned by the acceptor; loop thread.
class Acceptor::Refused final : public StreamHandler {
 public:
  Refused(std::unique_ptr<Stream> stream, std::string words, std::chrono::milliseconds wait,
          std::function<void(Refused&)> onGone);
  void begin(std::unique_ptr<SecureLayer> layer);

  void onOpen() override;
  void onInput() override { stream_->input().clear(); }
  void onEof() override {}
  void onClosed(const Status& why) override;

 private:
  std::unique_ptr<Stream> stream_;
  std::string words_;
  std::chrono::milliseconds wait_;
  std::function<void(Refused&)> onGone_;
  Timer timer_;
};

}  // namespace posthorn::net
