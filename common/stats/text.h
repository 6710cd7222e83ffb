// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

#include "common/stats/layout.h"

namespace posthorn::stats {

/// Writes `text`, cut to the room that there is, word by word.
template <std::size_t Size>
void writeText(AtomicText<Size>& to, std::string_view text) {
  const std::size_t length = std::min(text.size(), Size);
  for (std::size_t i = 0; i < to.words.size(); ++i) {
    std::uint64_t word = 0;
    const std::size_t begin = i * sizeof word;
    if (begin < length) std::memcpy(&word, text.data() + begin, std::min(sizeof word, length - begin));
    to.words[i].store(word, std::memory_order_relaxed);
  }
}

/// Reads up to the first zero byte.
template <std::size_t Size>
std::string readText(const AtomicText<Size>& from) {
  std::string text(Size, '\0');
  for (std::size_t i = 0; i < from.words.size(); ++i) {
    const std::uint64_t word = from.words[i].load(std::memory_order_relaxed);
    std::memcpy(text.data() + i * sizeof word, &word, sizeof word);
  }
  text.resize(std::min(text.find('\0'), Size));
  return text;
}

}  // namespace posthorn::stats
