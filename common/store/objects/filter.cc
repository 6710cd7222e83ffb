// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/filter.h"

#include <array>
#include <utility>

#include "common/base/ascii.h"
#include "common/mime/fold.h"

namespace posthorn::store::objects {

FlagName flagOf(View text) {
  constexpr std::array<std::pair<View, SystemFlags>, 4> kNames{
      {{"$seen", kSeen}, {"$answered", kAnswered}, {"$flagged", kFlagged}, {"$draft", kDraft}}};
  if (const auto system = parseSystemFlag(text)) return {*system, {}};
  for (const auto& [name, flag] : kNames)
    if (ascii::equal(name, text)) return {flag, {}};
  return {0, std::string(text)};
}

std::vector<std::string> wordsOf(View text) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  const auto end = [&] {
    if (!word.empty()) words.push_back(mime::fold(word));
    word.clear();
  };
  for (const char c : text) {
    if (c == '"') {
      end();
      quoted = !quoted;
    } else if (!quoted && (c == ' ' || c == '\t')) {
      end();
    } else {
      word.push_back(c);
    }
  }
  end();
  return words;
}

}  // namespace posthorn::store::objects
