// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/outbox.h"

#include <utility>

#include "tools/enpd/reply.h"

namespace posthorn::enpd {

void Outbox::push(Line line) {
  bytes_ += line->size();
  lines_.push_back(std::move(line));
}

void Outbox::tellDropped() {
  push(std::make_shared<const std::string>(lost(std::exchange(dropped_, 0), LostWhere::Queue)));
}

bool Outbox::put(Line line, const Limits& limits) {
  const bool full = lines_.size() >= limits.lines || bytes_ + line->size() > limits.bytes;
  const bool halfFull = lines_.size() * 2 > limits.lines || bytes_ * 2 > limits.bytes;
  // A single line that is larger than everything is not let in by an empty box either.
  if (full || (dropped_ > 0 && halfFull)) {
    ++dropped_;
    return false;
  }
  if (dropped_ > 0) tellDropped();
  push(std::move(line));
  return true;
}

Line Outbox::take() {
  if (missed_ > 0)
    return std::make_shared<const std::string>(lost(std::exchange(missed_, 0), LostWhere::Publisher));
  if (lines_.empty() && dropped_ > 0) tellDropped();
  if (lines_.empty()) {
    std::deque<Line>().swap(lines_);
    return nullptr;
  }
  Line line = std::move(lines_.front());
  lines_.pop_front();
  bytes_ -= line->size();
  return line;
}

}  // namespace posthorn::enpd
