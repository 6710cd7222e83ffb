// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/jmap.h"

#include <algorithm>

#include "common/base/ascii.h"

namespace posthorn::imap::jmap {

bool isId(std::string_view text) {
  constexpr std::size_t kMaxId = 255;
  const auto fits = [](char c) { return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-' || c == '_'; };
  return !text.empty() && text.size() <= kMaxId && std::all_of(text.begin(), text.end(), fits);
}

}  // namespace posthorn::imap::jmap
