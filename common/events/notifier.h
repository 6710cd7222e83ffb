// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "common/base/bytes.h"
#include "common/events/area.h"

namespace posthorn::events {

/// What a committer tells: an account was changed. One for each process, shared by all that commit. Any
/// thread.
class Notifier {
 public:
  using Find = std::function<std::shared_ptr<const Area>()>;

  /// Tells nobody.
  Notifier() = default;
  /// Null: tells nobody.
  explicit Notifier(std::shared_ptr<const Area> area) : area_(std::move(area)) {}
  /// For tools: `find` looks for the area when there is first something to tell, once; null when there is
  /// none (master is down). It must be quick, as it stands between a durable change and the tool's next step.
  explicit Notifier(Find find) : find_(std::move(find)) {}
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// To be called when a change of `account` (the canonical id) is durable and visible, not before. The
  /// workers with sessions in the account hear of it. When there are none: one hash and one atomic operation,
  /// no system call. Never blocks (but for the first `find`), never fails: it is a hint.
  void accountChanged(View account) const noexcept;

 private:
  [[nodiscard]] const Area* area() const noexcept;

  Find find_;
  mutable std::once_flag found_;
  mutable std::shared_ptr<const Area> area_;
};

}  // namespace posthorn::events
