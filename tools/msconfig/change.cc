// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <optional>

#include "common/config/edit.h"
#include "common/config/file.h"
#include "common/config/manual.h"
#include "common/config/names.h"
#include "common/config/snapshot.h"
#include "common/config/value.h"
#include "tools/msconfig/commands.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

using config::Finding;
using config::Loaded;
using config::Named;
using config::Severity;

namespace {

/// One step of a change; without a value the option is taken out.
struct Step {
  Named named;
  std::optional<std::string> value;
};

int fail(const Error& error) {
  std::cerr << "msconfig: " << error.text << "\n";
  if (error.code == Errc::Denied) return kNoPermission;
  return error.code == Errc::Invalid ? kUsage : kConfig;
}

bool sameFinding(const Finding& a, const Finding& b) {
  return a.severity == b.severity && a.option == b.option && a.text == b.text;
}

/// What is wrong now and was not before: a file with an old fault can still be repaired step by step.
config::Findings newFindings(const Loaded& before, const Loaded& after) {
  config::Findings fresh;
  for (const Finding& finding : after.findings) {
    const bool old = std::any_of(before.findings.begin(), before.findings.end(),
                                 [&](const Finding& other) { return sameFinding(finding, other); });
    if (!old) fresh.push_back(finding);
  }
  return fresh;
}

Result<std::string> edited(const std::string& text, const std::vector<Step>& steps) {
  std::string now = text;
  for (const Step& step : steps) {
    auto next =
        step.value ? config::setInText(now, step.named, *step.value) : config::unsetInText(now, step.named);
    if (!next.ok()) {
      Error error = next.error();
      if (error.text.find(step.named.canonical()) == std::string::npos) {
        error.text = step.named.canonical() + ": " + error.text;
      }
      return error;
    }
    now = std::move(next).value();
  }
  return now;
}

void report(const Step& step) {
  const config::Option& row = step.named.option();
  std::cout << step.named.canonical();
  if (step.value) {
    const auto value = config::parseValue(row, *step.value);
    std::cout << ": " << (value.ok() ? shownValue(row, *value, false) : "");
  } else {
    std::cout << " is taken out; the default is " << (row.fallback.empty() ? "empty" : row.fallback);
  }
  std::cout << "\n  " << config::applyText(row) << "\n";
  if (step.value && !row.actsLater.empty()) std::cout << "  not yet: " << row.actsLater << "\n";
}

int applySteps(const std::string& file, const std::vector<Step>& steps) {
  auto lock = config::EditLock::take(file);
  if (!lock.ok()) return fail(lock.error());
  const auto before = config::readFile(file);
  if (!before.ok()) return fail(before.error());
  const auto text = edited(before->text, steps);
  if (!text.ok()) return fail(text.error());

  const Loaded was = config::parse(before->text, file);
  const Loaded now = config::parse(*text, file);
  const config::Findings fresh = newFindings(was, now);
  for (const Finding& finding : fresh) {
    const bool saidAnyway = finding.text.find(" has no effect yet: ") != std::string::npos;
    if (finding.severity == Severity::Error || !saidAnyway) std::cerr << finding.describe(file) << "\n";
  }
  if (config::hasErrors(fresh)) {
    std::cerr << "msconfig: nothing was changed\n";
    return kConfig;
  }
  if (*text != before->text) {
    const Status written = config::replaceFile(file, *text, *before);
    if (!written.ok()) return fail(written.error());
  }
  for (const Step& step : steps) report(step);
  return kOk;
}

}  // namespace

int set(const std::string& file, const std::vector<std::string>& words) {
  if (words.size() % 2 != 0) {
    std::cerr << "msconfig: set NAME VALUE [NAME VALUE]...; a value with blanks needs quotes\n";
    return kUsage;
  }
  std::vector<Step> steps;
  for (std::size_t i = 0; i < words.size(); i += 2) {
    const auto named = config::resolve(words[i]);
    if (!named) return unknownName(words[i]);
    steps.push_back(Step{*named, words[i + 1]});
  }
  return applySteps(file, steps);
}

int unset(const std::string& file, const std::vector<std::string>& names) {
  std::vector<Step> steps;
  for (const std::string& name : names) {
    const auto named = config::resolve(name);
    if (!named) return unknownName(name);
    steps.push_back(Step{*named, std::nullopt});
  }
  return applySteps(file, steps);
}

}  // namespace posthorn::msconfig
