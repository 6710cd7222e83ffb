// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/header_filter.h"

#include "common/base/ascii.h"

namespace posthorn::deliver {

// A longer line is no header line that this filter looks for: from here on everything passes.
static constexpr std::size_t kMaxLine = std::size_t{64} * 1024;

Status HeaderFilter::feed(View part) {
  while (!part.empty() && !inBody_) {
    const auto newline = part.find('\n');
    const View piece = part.substr(0, newline == View::npos ? newline : newline + 1);
    line_.append(piece);
    part.remove_prefix(piece.size());
    if (newline == View::npos && line_.size() <= kMaxLine) return {};
    if (newline == View::npos) inBody_ = true;
    const std::string text = std::move(line_);
    line_.clear();
    PH_CHECK(line(text));
  }
  return part.empty() ? Status() : sink_(part);
}

Status HeaderFilter::end() {
  const std::string text = std::move(line_);
  line_.clear();
  return text.empty() ? Status() : line(text);
}

Status HeaderFilter::line(View text) {
  const bool dropped = drops(text);
  first_ = false;
  if (text == "\n" || text == "\r\n") inBody_ = true;
  return dropped ? Status() : sink_(text);
}

bool HeaderFilter::drops(View text) {
  if (first_ && text.substr(0, 5) == "From ") return true;
  const bool folded = text.front() == ' ' || text.front() == '\t';
  if (!folded) dropping_ = dropReturnPath_ && ascii::startsWith(text, "Return-Path:");
  return dropping_;
}

}  // namespace posthorn::deliver
