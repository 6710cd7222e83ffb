// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "common/base/bytes.h"
#include "common/events/area.h"
#include "common/events/event.h"

namespace posthorn::events {

class Publisher;

/// What a committer tells: an account was changed, and what happened (rich events). One for each process,
/// shared by all that commit. Any thread.
class Notifier {
 public:
  using Find = std::function<std::shared_ptr<const Area>()>;

  /// Tells nobody.
  Notifier() = default;
  /// Null: tells nobody. Without a publisher there are no rich events.
  explicit Notifier(std::shared_ptr<const Area> area, std::shared_ptr<Publisher> publisher = nullptr)
      : area_(std::move(area)), publisher_(std::move(publisher)) {}
  /// For tools: `find` looks for the area when there is first something to tell, once; null when there is
  /// none (master is down). It must be quick, as it stands between a durable change and the tool's next step.
  explicit Notifier(Find find, std::shared_ptr<Publisher> publisher = nullptr)
      : find_(std::move(find)), publisher_(std::move(publisher)) {}
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  /// To be called when a change of `account` (the canonical id) is durable and visible, not before. The
  /// workers with sessions in the account hear of it. When there are none: one hash and one atomic operation,
  /// no system call. Never blocks (but for the first `find`), never fails: it is a hint.
  void accountChanged(View account) const noexcept;

  /// The types of `among` that somebody wants to hear of: two loads, no system call. Ask before an event is
  /// put together.
  [[nodiscard]] EventMask wanted(EventMask among) const noexcept;
  /// Publishes an event if it is wanted (publisher.h). Never blocks, never fails.
  void publish(Event event) const noexcept;
  /// Null: there are no rich events here.
  [[nodiscard]] const Publisher* publisher() const { return publisher_.get(); }

 private:
  [[nodiscard]] const Area* area() const noexcept;

  Find find_;
  mutable std::once_flag found_;
  mutable std::shared_ptr<const Area> area_;
  std::shared_ptr<Publisher> publisher_;
};

}  // namespace posthorn::events
