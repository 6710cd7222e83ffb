// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/trace_scan.h"

#include <algorithm>

#include "common/base/ascii.h"

namespace posthorn::deliver::lmtp {
namespace {

// Longer than "Delivered-To: " with the longest path.
constexpr std::size_t kMostLine = 600;
constexpr std::size_t kMostDelivered = 1000;
constexpr View kReceived = "Received:";
constexpr View kDeliveredTo = "Delivered-To:";

}  // namespace

void TraceScan::feed(View part) {
  while (!part.empty() && !inBody_) {
    const std::size_t newline = part.find('\n');
    const View piece = part.substr(0, newline);
    line_.append(piece.substr(0, kMostLine - std::min(kMostLine, line_.size())));
    if (newline == View::npos) return;
    part.remove_prefix(newline + 1);
    lineEnded();
  }
}

void TraceScan::lineEnded() {
  const View line = ascii::trim(line_);
  if (line.empty()) inBody_ = true;
  if (ascii::startsWith(line_, kReceived)) ++hops_;
  if (ascii::startsWith(line_, kDeliveredTo) && delivered_.size() < kMostDelivered)
    delivered_.emplace_back(ascii::trim(line.substr(kDeliveredTo.size())));
  line_.clear();
}

bool TraceScan::deliveredTo(View address) const {
  return std::any_of(delivered_.begin(), delivered_.end(),
                     [address](const std::string& one) { return ascii::equal(one, address); });
}

}  // namespace posthorn::deliver::lmtp
