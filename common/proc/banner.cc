// SPDX-License-Identifier: Apache-2.0
#include "common/proc/banner.h"

#include <ctime>

#include "common/base/ascii.h"

namespace posthorn::proc {
namespace {

std::string timeText(char letter, const std::tm& now) {
  const char format[] = {'%', letter, '\0'};
  char text[128];
  return {text, std::strftime(text, sizeof text, format, &now)};
}

std::string expand(char letter, const BannerFacts& facts, const std::tm& now) {
  switch (letter) {
    case 'h':
      return std::string(facts.host);
    case 'p':
      return std::string(facts.protocol);
    case 'P':
      return std::string(facts.product);
    case 'V':
      return std::string(facts.version);
    case '%':
      return "%";
    default:
      return ascii::isAlpha(letter) ? timeText(letter, now) : std::string{'%', letter};
  }
}

}  // namespace

std::string banner(std::string_view pattern, const BannerFacts& facts, Wall now, std::size_t limit) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::string text;
  for (std::size_t i = 0; i < pattern.size() && text.size() < limit; ++i) {
    if (pattern[i] == '%' && i + 1 < pattern.size()) {
      text += expand(pattern[++i], facts, local);
    } else {
      text.push_back(pattern[i]);
    }
  }
  text.resize(std::min(text.size(), limit));
  for (char& c : text) {
    if (ascii::isControl(c)) c = '?';
    if (c == '<') c = '(';
    if (c == '>') c = ')';
  }
  return text;
}

}  // namespace posthorn::proc
