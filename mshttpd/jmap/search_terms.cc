// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/search_terms.h"

#include <utility>

namespace posthorn::mshttpd::jmap {
namespace {

/// The end of a phrase whose quote stands at `at`; npos: it has none.
std::size_t phraseEnd(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[at]) {
      return i;
    }
  }
  return std::string_view::npos;
}

std::string unescaped(std::string_view phrase) {
  std::string out;
  for (std::size_t i = 0; i < phrase.size(); ++i) {
    const bool escape = phrase[i] == '\\' && i + 1 < phrase.size() &&
                        std::string_view("'\"\\").find(phrase[i + 1]) != std::string_view::npos;
    if (escape) ++i;
    out.push_back(phrase[i]);
  }
  return out;
}

bool isBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

std::vector<std::string> searchTerms(std::string_view text) {
  std::vector<std::string> out;
  std::size_t at = 0;
  while (at < text.size()) {
    if (isBlank(text[at])) {
      ++at;
      continue;
    }
    const bool quote = text[at] == '"' || text[at] == '\'';
    const std::size_t end = quote ? phraseEnd(text, at) : std::string_view::npos;
    if (end != std::string_view::npos) {
      std::string phrase = unescaped(text.substr(at + 1, end - at - 1));
      if (!phrase.empty()) out.push_back(std::move(phrase));
      at = end + 1;
      continue;
    }
    std::size_t stop = at;
    while (stop < text.size() && !isBlank(text[stop])) ++stop;
    out.emplace_back(text.substr(at, stop - at));
    at = stop;
  }
  return out;
}

}  // namespace posthorn::mshttpd::jmap
