// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/store/types.h"

namespace posthorn::imquotacheck {

/// One section of a rule file.
struct Rule {
  std::string name;
  unsigned percent = 0;
  std::chrono::hours interval{0};
  std::string messageFile;  ///< empty: the usual one
  bool enabled = true;
};

/// A whole rule file: names in any case, blanks around `=`, lines with # are comments. Invalid names the
/// line; Unsupported for attributes that would load programs or ask the directory.
Result<std::vector<Rule>> parseRules(std::string_view text);

/// The enabled rule with the highest percentage that `percent` reaches; null when there is none.
const Rule* ruleFor(const std::vector<Rule>& rules, unsigned percent);

/// What stands for the words of a message.
struct LetterFacts {
  std::string id;
  store::QuotaUse used;
  store::Quota limits;
};
/// %U% %Q% %R% %M% %C% replaced; other per cent signs stay.
std::string fillLetter(std::string_view text, const LetterFacts& facts);

}  // namespace posthorn::imquotacheck
