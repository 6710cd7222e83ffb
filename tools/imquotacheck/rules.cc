// SPDX-License-Identifier: Apache-2.0
#include "tools/imquotacheck/rules.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/base/ascii.h"
#include "common/store/quota_policy.h"
#include "tools/accounts/notice.h"

namespace posthorn::imquotacheck {
namespace {

constexpr std::size_t kMaxRules = 100;
constexpr std::uint64_t kMaxHours = 24ULL * 366;

/// A rule that is being read, and what it has not got yet.
struct Draft {
  Rule rule;
  bool percent = false;
  bool interval = false;
};

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

Result<std::uint64_t> numberIn(std::string_view value, std::uint64_t least, std::uint64_t most) {
  const auto number = ascii::number(value);
  if (!number || *number < least || *number > most)
    return makeError(Errc::Invalid,
                     "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
  return *number;
}

Status setAttribute(Draft& draft, std::string_view name, std::string_view value) {
  if (ascii::equal(name, "notificationTriggerPercentage")) {
    PH_TRY(const auto percent, numberIn(value, 1, 999));
    draft.rule.percent = static_cast<unsigned>(percent);
    draft.percent = true;
  } else if (ascii::equal(name, "notificationInterval")) {
    PH_TRY(const auto hours, numberIn(value, 1, kMaxHours));
    draft.rule.interval = std::chrono::hours(hours);
    draft.interval = true;
  } else if (ascii::equal(name, "messageFile")) {
    if (value.empty() || value.front() != '/') return makeError(Errc::Invalid, "must be an absolute path");
    draft.rule.messageFile = value;
  } else if (ascii::equal(name, "enabled")) {
    PH_TRY(const auto on, numberIn(value, 0, 1));
    draft.rule.enabled = on == 1;
  } else if (ascii::equal(name, "notificationMethod")) {
    return makeError(Errc::Unsupported, "is not in this release: notices go into INBOX");
  } else {
    return makeError(Errc::Invalid, "is not known");
  }
  return {};
}

Status generalAttribute(std::string_view name) {
  if (ascii::equal(name, "mailQuotaAttribute"))
    return makeError(Errc::Unsupported, "is not in this release: the quota is the directory's mailQuota");
  if (ascii::equal(name, "reportMethod"))
    return makeError(Errc::Unsupported, "is not in this release: no library is loaded");
  return makeError(Errc::Invalid, "is not known");
}

Status finish(const std::optional<Draft>& draft, std::vector<Rule>& rules) {
  if (!draft) return {};
  if (!draft->percent)
    return makeError(Errc::Invalid, "[" + draft->rule.name + "] has no notificationTriggerPercentage");
  if (!draft->interval)
    return makeError(Errc::Invalid, "[" + draft->rule.name + "] has no notificationInterval");
  for (const Rule& other : rules)
    if (other.percent == draft->rule.percent)
      return makeError(Errc::Invalid, "[" + draft->rule.name + "] and [" + other.name +
                                          "] have one notificationTriggerPercentage");
  if (rules.size() == kMaxRules) return makeError(Errc::Limit, "there are too many rules");
  rules.push_back(draft->rule);
  return {};
}

/// The lines one after the other.
class Reader {
 public:
  Status line(std::string_view text) {
    if (text.empty() || text.front() == '#') return {};
    if (text.front() == '[') return section(text);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos || !begun_)
      return makeError(Errc::Invalid, "neither [section] nor attribute=value in one");
    const auto name = trimmed(text.substr(0, equals));
    const auto value = trimmed(text.substr(equals + 1));
    const Status done = draft_ ? setAttribute(*draft_, name, value) : generalAttribute(name);
    if (done.ok()) return {};
    return makeError(done.error().code, ascii::printable(name) + " " + done.error().text);
  }
  Result<std::vector<Rule>> end() {
    PH_CHECK(finish(draft_, rules_));
    return std::move(rules_);
  }

 private:
  Status section(std::string_view text) {
    if (text.back() != ']' || text.size() < 3) return makeError(Errc::Invalid, "not a [section]");
    PH_CHECK(finish(draft_, rules_));
    const auto name = trimmed(text.substr(1, text.size() - 2));
    begun_ = true;
    draft_.reset();
    if (ascii::equal(name, "General")) return {};
    draft_.emplace();
    draft_->rule.name = ascii::printable(name);
    return {};
  }

  std::vector<Rule> rules_;
  std::optional<Draft> draft_;
  bool begun_ = false;
};

std::string details(const LetterFacts& facts) {
  std::string text = "quota " + tools::kilobytes(facts.limits.bytes) + ", used " +
                     tools::kilobytes(static_cast<std::int64_t>(facts.used.bytes));
  if (facts.limits.messages >= 0)
    text += "; " + std::to_string(facts.used.messages) + " of " + std::to_string(facts.limits.messages) +
            " messages";
  return text + " (" + std::to_string(percentOf(facts.used, facts.limits).value_or(0)) + "% full)";
}

std::string wordFor(char letter, const LetterFacts& facts) {
  switch (letter) {
    case 'U':
      return facts.id;
    case 'Q':
      return std::to_string(percentOf(facts.used, facts.limits).value_or(0));
    case 'R':
      return details(facts);
    case 'M':
      return tools::kilobytes(static_cast<std::int64_t>(facts.used.bytes));
    case 'C':
      return tools::kilobytes(facts.limits.bytes);
    default:
      return std::string("%") + letter + "%";
  }
}

}  // namespace

Result<std::vector<Rule>> parseRules(std::string_view text) {
  Reader reader;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto newline = text.find('\n');
    const Status read = reader.line(trimmed(text.substr(0, newline)));
    if (!read.ok())
      return makeError(read.error().code, "line " + std::to_string(number) + ": " + read.error().text);
    text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
  }
  PH_TRY(auto rules, reader.end());
  if (rules.empty()) return makeError(Errc::Invalid, "there is no rule in it");
  return rules;
}

const Rule* ruleFor(const std::vector<Rule>& rules, unsigned percent) {
  const Rule* best = nullptr;
  for (const Rule& rule : rules)
    if (rule.enabled && rule.percent <= percent && (best == nullptr || best->percent < rule.percent))
      best = &rule;
  return best;
}

std::string fillLetter(std::string_view text, const LetterFacts& facts) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && text[i + 2] == '%' && ascii::isAlpha(text[i + 1])) {
      out += wordFor(text[i + 1], facts);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace posthorn::imquotacheck
