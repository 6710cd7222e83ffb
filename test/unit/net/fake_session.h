// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>

#include "common/net/session.h"

namespace posthorn::net::test {

/// A session without a connection that remembers what it was asked.
class FakeSession : public Session {
 public:
  ~FakeSession() override {
    if (onDestroyed) onDestroyed();
  }
  void begin() override {
    if (throwAtBegin) throw std::runtime_error("on purpose");
  }
  void part(Parting why) override {
    if (throwAtPart) throw std::runtime_error("on purpose");
    parted = why;
    ++partings;
  }
  void cut(Error /*why*/) override { wasCut = true; }
  [[nodiscard]] bool busy() const override { return atWork; }

  bool throwAtBegin = false;
  bool throwAtPart = false;
  bool atWork = false;
  bool wasCut = false;
  std::optional<Parting> parted;
  int partings = 0;
  std::function<void()> onDestroyed;
};

}  // namespace posthorn::net::test
