// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/mime/search_text.h"

namespace posthorn::mime {

/// A text that is looked for in messages.
struct Needle {
  std::string text;     ///< folded, not empty
  bool header = false;  ///< also in the headers
};

/// Looks for all needles in the text of one message as it passes by.
class TextFinder final : public TextSink {
 public:
  /// `needles` must outlive it.
  explicit TextFinder(const std::vector<Needle>& needles);

  void onText(Origin origin, View utf8) override;
  [[nodiscard]] bool full() const override;
  /// By needle.
  [[nodiscard]] const std::vector<bool>& found() const { return found_; }

 private:
  const std::vector<Needle>& needles_;
  std::vector<bool> found_;
  std::size_t longest_ = 1;
  std::string window_;  // folded
  bool lastHeader_ = true;
};

}  // namespace posthorn::mime
