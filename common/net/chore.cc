// SPDX-License-Identifier: Apache-2.0
#include "common/net/chore.h"

#include <utility>

namespace posthorn::net {

Chore::Chore(Loop& loop, Jobs& jobs, std::chrono::milliseconds interval, std::function<Status()> work)
    : jobs_(jobs), interval_(interval), work_(std::move(work)), timer_(loop, [this] { turn(); }) {}

void Chore::turn() {
  const Status posted = jobs_.post<Session>(JobKind::Store, {}, {}, work_, [](Session&, const Status&) {});
  static_cast<void>(posted);  // too busy now: the next turn is soon enough
  timer_.start(interval_);
}

}  // namespace posthorn::net
