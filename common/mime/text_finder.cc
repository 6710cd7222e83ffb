// SPDX-License-Identifier: Apache-2.0
#include "common/mime/text_finder.h"

#include <algorithm>

#include "common/mime/fold.h"

namespace posthorn::mime {

TextFinder::TextFinder(const std::vector<Needle>& needles)
    : needles_(needles), found_(needles.size(), false) {
  for (const Needle& needle : needles) longest_ = std::max(longest_, needle.text.size());
}

void TextFinder::onText(Origin origin, View utf8) {
  const bool header = origin == Origin::Header;
  if (header != lastHeader_) window_.clear();
  lastHeader_ = header;
  foldInto(utf8, window_);
  for (std::size_t i = 0; i < needles_.size(); ++i) {
    if (found_[i] || (header && !needles_[i].header)) continue;
    found_[i] = window_.find(needles_[i].text) != std::string::npos;
  }
  // A needle may lie across two windows.
  if (window_.size() >= longest_) window_.erase(0, window_.size() - (longest_ - 1));
}

bool TextFinder::full() const {
  return std::find(found_.begin(), found_.end(), false) == found_.end();
}

}  // namespace posthorn::mime
