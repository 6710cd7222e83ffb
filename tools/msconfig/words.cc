// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/words.h"

#include <algorithm>
#include <cerrno>
#include <iostream>

#include "common/base/ascii.h"
#include "common/config/value.h"

namespace posthorn::msconfig {

namespace {

bool isBlank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// Reads one word that begins at `at`, which then stands behind it.
Result<std::string> readWord(std::string_view line, std::size_t& at) {
  constexpr std::string_view kEscapable = "\"\\$`";
  std::string word;
  char quote = '\0';
  for (; at < line.size() && (quote != '\0' || !isBlank(line[at])); ++at) {
    const char c = line[at];
    if (c == quote) {
      quote = '\0';
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && at + 1 < line.size() &&
               (quote == '\0' || kEscapable.find(line[at + 1]) != std::string_view::npos)) {
      word += line[++at];
    } else {
      word += c;
    }
  }
  if (quote != '\0') return makeError(Errc::Invalid, std::string("a quote ") + quote + " is not closed");
  return word;
}

bool contains(std::initializer_list<std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<Words> splitLine(std::string_view line) {
  Words words;
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && isBlank(line[at])) ++at;
    if (at >= line.size() || line[at] == '#') return words;
    PH_TRY(std::string word, readWord(line, at));
    words.push_back(std::move(word));
  }
}

std::optional<std::string> Switches::value(std::string_view name) const {
  const auto found = given_.find(name);
  if (found == given_.end()) return std::nullopt;
  return found->second;
}

class SwitchReader {
 public:
  SwitchReader(const Words& words, const SwitchNames& names) : words_(words), names_(names) {}

  Result<Switches> read() {
    for (; at_ < words_.size(); ++at_) {
      const std::string& word = words_[at_];
      const bool inFront = !names_.onlyInFront || switches_.rest.empty();
      if (ended_ || !inFront || word.size() < 2 || word.front() != '-') {
        switches_.rest.push_back(word);
      } else if (word == "--") {
        ended_ = true;
      } else {
        PH_CHECK(take(word));
      }
    }
    return std::move(switches_);
  }

 private:
  Status take(const std::string& word) {
    const std::string body = word.substr(word[1] == '-' ? 2 : 1);
    const std::size_t equals = body.find('=');
    const std::string name = body.substr(0, equals);
    if (contains(names_.plain, name) && equals == std::string::npos) {
      switches_.given_[name] = "";
      return {};
    }
    if (!contains(names_.withValue, name)) return makeError(Errc::Invalid, "there is no switch " + word);
    if (equals == std::string::npos && at_ + 1 >= words_.size())
      return makeError(Errc::Invalid, word + " needs a value");
    switches_.given_[name] = equals == std::string::npos ? words_[++at_] : body.substr(equals + 1);
    return {};
  }

  const Words& words_;
  const SwitchNames& names_;
  std::size_t at_ = 0;
  bool ended_ = false;
  Switches switches_;
};

Result<Switches> readSwitches(const Words& words, const SwitchNames& names) {
  return SwitchReader(words, names).read();
}

int fail(const Error& error) {
  std::cerr << program_invocation_short_name << ": " << error.text << "\n";
  if (error.code == Errc::Denied) return kNoPermission;
  return error.code == Errc::Invalid ? kUsage : kConfig;
}

int unknownName(const std::string& name) {
  if (name.find(';') != std::string::npos) {
    std::cerr << program_invocation_short_name << ": " << ascii::printable(name)
              << ": texts in other languages are not supported; name the option without ;LANGUAGE\n";
    return kUsage;
  }
  const std::string nearest = config::nearestName(name);
  std::cerr << program_invocation_short_name << ": there is no option " << ascii::printable(name);
  std::cerr << (nearest.empty() ? "; `msconfig help '*'` lists all\n" : "; did you mean " + nearest + "?\n");
  return kUsage;
}

std::string shownValue(const config::Option& row, const config::Value& value, bool passwords) {
  const std::string text = config::spell(row, value);
  return row.secret() && !passwords && !text.empty() ? "********" : text;
}

}  // namespace posthorn::msconfig
