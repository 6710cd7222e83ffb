// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/parse/parameters.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "tools/deliver/lmtp/parse/command_line.h"

namespace posthorn::deliver::lmtp {
namespace {

bool isKeyword(View word) {
  return !word.empty() && word.front() != '-' && std::all_of(word.begin(), word.end(), [](char c) {
    return ascii::isAlpha(c) || ascii::isDigit(c) || c == '-';
  });
}

Result<Parameter> parameterOf(View word) {
  const std::size_t sign = word.find('=');
  const Parameter made{word.substr(0, sign),
                       sign == View::npos ? std::nullopt : std::optional<View>(word.substr(sign + 1))};
  if (!isKeyword(made.keyword)) return misfit("Bad parameter");
  if (made.value && (made.value->empty() || made.value->find('=') != View::npos))
    return misfit("Bad value of a parameter");
  return made;
}

}  // namespace

Result<std::vector<Parameter>> splitParameters(View text) {
  std::vector<Parameter> all;
  if (!text.empty() && text.front() != ' ') return misfit("Blank expected behind the path");
  for (const View word : ascii::split(text, ' ')) {
    if (word.empty()) continue;
    if (all.size() == kMaxParameters) return misfit("Too many parameters");
    PH_TRY(const Parameter made, parameterOf(word));
    for (const Parameter& other : all)
      if (ascii::equal(other.keyword, made.keyword)) return misfit("A parameter is there twice");
    all.push_back(made);
  }
  return all;
}

}  // namespace posthorn::deliver::lmtp
