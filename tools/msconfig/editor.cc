// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/editor.h"

#include <algorithm>
#include <iostream>

#include "common/config/edit.h"
#include "common/config/history.h"
#include "tools/msconfig/activation.h"
#include "tools/msconfig/settings.h"

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
  if (edit.comment) {
    PH_TRY(now, config::commentInText(now, edit.named, *edit.comment));
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

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::vector<std::string> touched(const std::vector<Edit>& edits) {
  std::vector<std::string> names;
  for (const Edit& edit : edits) {
    const std::string name = edit.named.canonical();
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
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
  summary_ = true;
}

void Editor::say(const std::string& text) {
  if (mode_ == Mode::Shell) {
    std::cout << text;
  } else {
    said_ += text;
  }
}

bool Editor::leave() {
  leaving_ = warned_ || !unsaved();
  warned_ = true;
  return leaving_;
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

Status Editor::write(const std::string& remark) {
  if (!unsaved()) {
    std::cout << std::exchange(said_, "");
    if (mode_ == Mode::Shell) std::cout << "There is nothing to write.\n";
    return {};
  }
  std::optional<config::EditLock> taken;
  if (!lock_) {
    PH_TRY(taken, config::EditLock::take(file_));
  }
  PH_TRY(config::FileText now, config::readFile(file_));
  // By another msconfig while a shell was open, or by a text editor, which knows no lock.
  if (now.text != base_.text) return meetOthers(std::move(now));
  PH_CHECK(check());
  return replaceWritten(lock_ ? *lock_ : *taken, now, remark);
}

Status Editor::replaceWritten(const config::EditLock& lock, const config::FileText& now,
                              const std::string& remark) {
  const Loaded was = config::parse(base_.text, file_);
  config::History history(file_);
  const Wall time = Clock::system().wall();
  const auto before = history.keep(lock, now, base_.text, "as it was found", time);
  if (!before.ok()) return makeError(before.error().code, "nothing was changed: " + before.error().text);
  PH_CHECK(config::replaceFile(file_, text_, now));
  const auto kept = history.keep(lock, now, text_, remark.empty() ? joined(touched(edits_)) : remark, time);
  if (!kept.ok())
    std::cerr << "msconfig: written, but not kept in the history: " << kept.error().text << "\n";
  base_ = config::FileText{text_, now.info};
  edits_.clear();
  std::cout << std::exchange(said_, "");
  if (kept.ok() && mode_ == Mode::Shell) std::cout << "Written as version " << *kept << ".\n";
  sayAfterWrite(was);
  replaced_ = false;
  return {};
}

void Editor::sayAfterWrite(const Loaded& was) {
  if (mode_ == Mode::Command && !std::exchange(summary_, false)) return;
  const Loaded now = config::parse(text_, file_);
  if (!was.ok() || !now.ok()) return;
  const std::string commands = activation(*was.snapshot, *now.snapshot);
  if (!commands.empty()) std::cout << "To bring it about: " << commands << "\n";
}

Status Editor::meetOthers(config::FileText now) {
  std::vector<std::string> theirs = differing(settingsOf(base_.text), settingsOf(now.text));
  std::string text = "the file has been changed by somebody else since it was read";
  text += theirs.empty() ? " (comments or order)" : ": " + joined(theirs);
  const std::vector<std::string> mine = touched(edits_);
  auto onTop = replaced_ ? Result<std::string>(makeError(Errc::Conflict, "")) : edited(now.text, edits_);
  if (!onTop.ok() || mode_ == Mode::Command) {
    return makeError(Errc::Conflict,
                     text + "\nNothing was written. `revert` drops your edits and reads the file.");
  }
  theirs.erase(std::remove_if(theirs.begin(), theirs.end(),
                              [&](const std::string& name) {
                                return std::find(mine.begin(), mine.end(), name) == mine.end();
                              }),
               theirs.end());
  if (!theirs.empty()) text += "\nYou have changed as well: " + joined(theirs);
  base_ = std::move(now);
  text_ = std::move(onTop).value();
  return makeError(
      Errc::Conflict,
      text + "\nNothing was written. Your edits stand on top of that now: look at `diff`, then `write`.");
}

}  // namespace posthorn::msconfig
