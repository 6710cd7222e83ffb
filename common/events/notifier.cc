// SPDX-License-Identifier: Apache-2.0
#include "common/events/notifier.h"

#include <exception>
#include <utility>

#include "common/events/publisher.h"

namespace posthorn::events {

const Area* Notifier::area() const noexcept {
  if (!find_) return area_.get();
  try {
    std::call_once(found_, [this] {
      try {
        area_ = find_();
      } catch (const std::exception&) {
        // Nobody is told. Not thrown through call_once, which would try again.
      }
    });
  } catch (const std::exception&) {
    return nullptr;
  }
  return area_.get();
}

void Notifier::accountChanged(View account) const noexcept {
  if (const Area* known = area(); known != nullptr) known->announce(known->bucketOf(account));
}

EventMask Notifier::wanted(EventMask among) const noexcept {
  return publisher_ ? publisher_->wanted(area(), among) : 0;
}

void Notifier::publish(Event event) const noexcept {
  if (publisher_) publisher_->publish(area(), std::move(event));
}

}  // namespace posthorn::events
