// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/editor.h"

#include <algorithm>
#include <iostream>

#include "common/config/edit.h"

namespace posthorn::msconfig {

using config::Finding;
using config::Loaded;
using config::Severity;

namespace {

bool sameFinding(const Finding& a, const Finding& b) {
  return a.severity == b.severity && a.option == b.option && a.text == b.text;
}

Result<std::string> stepped(const std::string& text, const Edit& edit) {
  if (!edit.value && !edit.comment) return config::unsetInText(text, edit.named);
  std::string now = text;
  if (edit.value) {
    PH_TRY(now, config::setInText(now, edit.named, *edit.value));
  }
  return now;
}

Result<std::string> edited(const std::string& text, const std::vector<Edit>& edits) {
  std::string now = text;
  for (const Edit& edit : edits) {
    auto next = stepped(now, edit);
    if (!next.ok()) {
      Error error = next.error();
      const std::string name = edit.named.canonical();
      if (error.text.find(name) == std::string::npos) error.text = name + ": " + error.text;
      return error;
    }
    now = std::move(next).value();
  }
  return now;
}

}  // namespace

config::Findings newFindings(const Loaded& before, const Loaded& after) {
  config::Findings fresh;
  for (const Finding& finding : after.findings) {
    const bool old = std::any_of(before.findings.begin(), before.findings.end(),
                                 [&](const Finding& other) { return sameFinding(finding, other); });
    if (!old) fresh.push_back(finding);
  }
  return fresh;
}

Status Editor::open(bool toChange) {
  if (opened_) return {};
  if (toChange && mode_ == Mode::Command) {
    PH_TRY(lock_, config::EditLock::take(file_));
  }
  return reread();
}

Status Editor::reread() {
  PH_TRY(base_, config::readFile(file_));
  text_ = base_.text;
  edits_.clear();
  replaced_ = false;
  opened_ = true;
  return {};
}

Status Editor::apply(const std::vector<Edit>& edits) {
  PH_TRY(text_, edited(text_, edits));
  edits_.insert(edits_.end(), edits.begin(), edits.end());
  return {};
}

void Editor::replace(std::string text) {
  text_ = std::move(text);
  replaced_ = true;
}

void Editor::say(const std::string& text) {
  if (mode_ == Mode::Shell) {
    std::cout << text;
  } else {
    said_ += text;
  }
}

Status Editor::check() const {
  const Loaded was = config::parse(base_.text, file_);
  const Loaded now = config::parse(text_, file_);
  const config::Findings fresh = newFindings(was, now);
  for (const Finding& finding : fresh) {
    const bool saidAnyway = finding.text.find(" has no effect yet: ") != std::string::npos;
    // The shell has said warnings with the command that made them.
    const bool toSay = finding.severity == Severity::Error || (mode_ == Mode::Command && !saidAnyway);
    if (toSay) std::cerr << finding.describe(file_) << "\n";
  }
  if (config::hasErrors(fresh)) return makeError(Errc::NotFound, "nothing was changed");
  return {};
}

Result<bool> Editor::write(const std::string& remark) {
  static_cast<void>(remark);
  if (unsaved()) {
    PH_CHECK(check());
    PH_CHECK(config::replaceFile(file_, text_, base_));
  }
  base_.text = text_;
  edits_.clear();
  std::cout << said_;
  said_.clear();
  return true;
}

}  // namespace posthorn::msconfig
