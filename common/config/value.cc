// SPDX-License-Identifier: Apache-2.0
#include "common/config/value.h"

#include <algorithm>
#include <limits>

#include "common/base/ascii.h"
#include "common/base/utf8.h"
#include "common/config/access_rules.h"
#include "common/config/item.h"
#include "common/config/text.h"
#include "common/config/well_formed.h"

namespace posthorn::config {

static_assert(wellFormed(kOptions),
              "names unique, defaults within limits, help one sentence: see well_formed.h");

namespace {

constexpr std::size_t kMaxText = 4096;

std::string quoted(const Option& row, std::string_view text) {
  return row.secret() ? "this value" : "'" + ascii::printable(text, 60) + "'";
}

Error refuse(const Option& row, std::string_view text) {
  return makeError(Errc::Invalid, quoted(row, text) + " is not " + expectation(row));
}

/// Not inlined: g++ 12 with sanitizers takes the move of a variant that it sees through for uninitialized.
[[gnu::noinline]] Result<Value> accepted(Value&& value) {
  return std::move(value);
}

Result<Value> whole(const Option& row, std::string_view text, std::optional<std::int64_t> number) {
  if (!number || *number < row.limits.least || *number > row.limits.most) return refuse(row, text);
  if (row.type == Type::Duration) return accepted(std::chrono::seconds(*number));
  return accepted(*number);
}

/// One text of a row: its length, its characters, its form.
Status checkText(const Option& row, std::string_view text) {
  if (text.size() > kMaxText) return makeError(Errc::Invalid, "the text is longer than 4096 bytes");
  if (std::any_of(text.begin(), text.end(), ascii::isControl)) {
    return makeError(Errc::Invalid, "the text holds a line feed or another control character");
  }
  if (!utf8::valid(text)) return makeError(Errc::Invalid, "the text is not UTF-8");
  // These say themselves which rule is wrong.
  if (row.item == Item::AccessRules) {
    PH_CHECK(AccessRules::parse(text));
    return {};
  }
  if (!fits(row.item, text)) return refuse(row, text);
  return {};
}

Result<Value> textValue(const Option& row, std::string_view text) {
  if (!text.empty()) PH_CHECK(checkText(row, text));
  const auto length = static_cast<std::int64_t>(text.size());
  if (row.type == Type::String && (length < row.limits.least || length > row.limits.most)) {
    return refuse(row, text);
  }
  return accepted(std::string(text));
}

Result<Value> enumValue(const Option& row, std::string_view text) {
  if (text.empty() && row.fallback.empty()) return accepted(std::string());
  const auto picked = pickAllowed(row.allowed, text);
  if (!picked) return refuse(row, text);
  return accepted(std::string(*picked));
}

Result<Value> listValue(const Option& row, std::vector<std::string> items) {
  const auto count = static_cast<std::int64_t>(items.size());
  if (count < row.limits.least || count > row.limits.most) {
    return makeError(Errc::Invalid, "a list of " + std::to_string(count) + " is not " + expectation(row));
  }
  for (std::string& item : items) {
    if (item.empty()) return makeError(Errc::Invalid, "an item of the list is empty");
    PH_CHECK(checkText(row, item));
    if (row.allowed.empty()) continue;
    const auto picked = pickAllowed(row.allowed, item);
    if (!picked) return refuse(row, item);
    item = *picked;
  }
  return accepted(std::move(items));
}

}  // namespace

std::vector<std::string> splitItems(const Option& row, std::string_view text) {
  std::vector<std::string> items;
  for (const std::string_view word : ascii::words(text, row.item == Item::Filter ? "$" : " \t,")) {
    const std::string_view trimmed = ascii::trim(word);
    if (!trimmed.empty()) items.emplace_back(trimmed);
  }
  return items;
}

Result<Value> parseValue(const Option& row, std::string_view text) {
  switch (row.type) {
    case Type::Bool: {
      const auto value = parseBool(text);
      if (!value) return refuse(row, text);
      return accepted(*value);
    }
    case Type::Int:
      return whole(row, text, parseInt(text));
    case Type::Size:
      return whole(row, text, parseSize(text));
    case Type::Duration:
      return whole(row, text, parseDuration(text, row.unit));
    case Type::Enum:
      return enumValue(row, text);
    case Type::List:
      return listValue(row, splitItems(row, text));
    case Type::String:
    case Type::Secret:
    case Type::Path:
      break;
  }
  return textValue(row, text);
}

Result<Value> parseValue(const Option& row, const std::vector<std::string>& items) {
  if (row.type != Type::List) return makeError(Errc::Invalid, "a list is not " + expectation(row));
  return listValue(row, items);
}

namespace {

std::vector<Value> allFallbacks() {
  std::vector<Value> values;
  values.reserve(kOptions.size());
  for (const Option& row : kOptions) {
    auto value = parseValue(row, row.fallback);
    // wellFormed() has the compiler look at numbers; texts are looked at here, by every process and every
    // test.
    PH_ASSERT(value.ok());
    values.push_back(std::move(value).value());
  }
  return values;
}

}  // namespace

const Value& fallbackOf(std::size_t row) {
  static const std::vector<Value> kValues = allFallbacks();
  return kValues[row];
}

std::string spell(const Option& row, const Value& value) {
  switch (row.type) {
    case Type::Bool:
      return std::get<bool>(value) ? "yes" : "no";
    case Type::Int:
      return std::to_string(std::get<std::int64_t>(value));
    case Type::Size:
      return spellSize(std::get<std::int64_t>(value));
    case Type::Duration:
      return spellDuration(std::get<std::chrono::seconds>(value).count());
    case Type::List: {
      std::string text;
      for (const std::string& item : std::get<std::vector<std::string>>(value)) {
        if (!text.empty()) text += row.item == Item::Filter ? "$" : " ";
        text += item;
      }
      return text;
    }
    default:
      return std::get<std::string>(value);
  }
}

namespace {

std::string range(const Option& row, std::string (*spelled)(std::int64_t)) {
  const bool open = row.limits.most == std::numeric_limits<std::int64_t>::max();
  return open ? "of at least " + spelled(row.limits.least)
              : "from " + spelled(row.limits.least) + " to " + spelled(row.limits.most);
}

std::string plain(std::int64_t number) {
  return std::to_string(number);
}

std::string choices(std::string_view allowed) {
  std::string text;
  for (const std::string_view choice : ascii::split(allowed, '|')) {
    if (!text.empty()) text += ", ";
    text += choice;
  }
  return text;
}

std::string_view unitWord(Unit unit) {
  switch (unit) {
    case Unit::Seconds:
      return "seconds";
    case Unit::Minutes:
      return "minutes";
    case Unit::Hours:
      return "hours";
    case Unit::Days:
      return "days";
    default:
      return "number";
  }
}

std::string listExpectation(const Option& row) {
  const std::string items = row.allowed.empty() ? "items that are " + std::string(describe(row.item))
                                                : "items out of " + choices(row.allowed);
  std::string text = "a list of ";
  if (row.limits.least > 0) text += "at least " + std::to_string(row.limits.least) + " and ";
  return text + "at most " + std::to_string(row.limits.most) + " " + items;
}

std::string textExpectation(const Option& row) {
  std::string text(describe(row.item));
  if (row.limits.most < 100'000) {
    text +=
        ", of " + std::to_string(row.limits.least) + " to " + std::to_string(row.limits.most) + " characters";
  }
  return text;
}

}  // namespace

std::string expectation(const Option& row) {
  switch (row.type) {
    case Type::Bool:
      return "yes or no (on, off, true, false, a number)";
    case Type::Int:
      return "a number " + range(row, plain);
    case Type::Size:
      return "a size " + range(row, spellSize) + " (bytes, or with k, M, G)";
    case Type::Duration:
      return "a time " + range(row, spellDuration) + " (" + std::string(unitWord(row.unit)) +
             ", or with s, m, h, d)";
    case Type::Enum:
      return "one of " + choices(row.allowed);
    case Type::List:
      return listExpectation(row);
    case Type::Path:
      return "a path";
    case Type::Secret:
      return "a text of one line";
    case Type::String:
      break;
  }
  return textExpectation(row);
}

}  // namespace posthorn::config
