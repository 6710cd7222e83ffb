// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>

#include "common/base/ascii.h"
#include "common/config/edit.h"
#include "common/config/file.h"
#include "common/config/value.h"
#include "common/config/yaml.h"
#include "tools/msconfig/dump.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/view.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

std::string plural(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

/// One import from its lines to its edits.
class Import {
 public:
  Import(Editor& editor, std::string file) : editor_(editor), file_(std::move(file)), view_(editor) {}

  void take(const DumpLine& line) {
    const auto named = config::resolve(line.name);
    if (!line.fault.empty()) {
      fault(line.number, line.fault);
    } else if (line.name.find(';') != std::string::npos) {
      fault(line.number, line.name + ": texts in other languages are not supported");
    } else if (named) {
      takeOption(line, *named);
    } else if (const std::string_view why = withoutCounterpart(line.name); !why.empty()) {
      note(line.number, line.name + " has no counterpart: " + std::string(why));
      ++without_;
    } else {
      const std::string nearest = config::nearestName(line.name);
      fault(line.number, "there is no option " + ascii::printable(line.name, 100) +
                             (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
    }
  }

  /// Finds what is wrong only with the whole, such as an option that needs another one, at the line that
  /// wanted it.
  void judgeWhole() {
    for (bool again = true; again;) {
      again = false;
      const auto text = textWith(steps_);
      if (!text.ok()) return;
      const config::Loaded now = config::parse(*text, editor_.file());
      for (const config::Finding& finding : newFindings(view_.loaded(), now)) {
        const auto step = std::find_if(steps_.begin(), steps_.end(), [&](const Step& one) {
          return one.edit.named.canonical() == finding.option;
        });
        if (finding.severity != config::Severity::Error || step == steps_.end()) continue;
        fault(step->line, finding.text + (finding.hint.empty() ? "" : " (" + finding.hint + ")"));
        steps_.erase(step);
        again = true;
        break;
      }
    }
  }

  int finish(bool partial) {
    std::cerr << notes_;
    if (faults_ != 0 && !partial) {
      std::cerr << "msconfig: nothing was imported because of " << plural(faults_, "line")
                << "; `import -partial` takes the others\n";
      return kConfig;
    }
    std::vector<Edit> edits;
    for (const Step& step : steps_) edits.push_back(step.edit);
    const Status applied = editor_.apply(edits);
    if (!applied.ok()) return fail(applied.error());
    std::string summary = plural(edits.size(), "option") + " set, " + std::to_string(same_) +
                          " were so already, " + std::to_string(without_) + " without counterpart here, " +
                          std::to_string(faults_) + " left out.\n";
    editor_.say(summary);
    editor_.summarise();
    return kOk;
  }

 private:
  struct Step {
    int line = 0;
    Edit edit;
  };

  void note(int line, const std::string& text) {
    notes_ += file_ + ":" + std::to_string(line) + ": " + text + "\n";
  }
  void fault(int line, const std::string& text) {
    note(line, text);
    ++faults_;
  }

  [[nodiscard]] Result<std::string> textWith(const std::vector<Step>& steps) const {
    std::string text = editor_.text();
    for (const Step& step : steps) {
      PH_TRY(text, config::setInText(text, step.edit.named, *step.edit.value));
    }
    return text;
  }

  void takeOption(const DumpLine& line, const config::Named& named) {
    const config::Option& row = named.option();
    const std::string name = named.canonical();
    if (row.secret() && line.value.find_first_not_of('*') == std::string::npos && !line.value.empty())
      return fault(line.number, line.name + " is masked: the dump does not hold the password");
    const auto value = config::parseValue(row, line.value);
    if (!value.ok()) return fault(line.number, line.name + ": " + value.error().text);
    // The last line counts, as it did for the tool that wrote them.
    steps_.erase(std::remove_if(steps_.begin(), steps_.end(),
                                [&](const Step& one) { return one.edit.named.canonical() == name; }),
                 steps_.end());
    if (view_.good() && view_.of(named).value == *value) {
      ++same_;
      return;
    }
    const Step step{line.number, Edit{named, line.value, std::nullopt}};
    if (const auto tried = textWith({step}); !tried.ok())
      return fault(line.number, name + ": " + tried.error().text);
    steps_.push_back(step);
  }

  Editor& editor_;
  std::string file_;
  View view_;
  std::vector<Step> steps_;
  std::string notes_;
  std::size_t faults_ = 0;
  std::size_t same_ = 0;
  std::size_t without_ = 0;
};

}  // namespace

int import(Editor& editor, const Words& words) {
  const auto switches = readSwitches(words, {{"partial"}});
  if (!switches.ok()) return fail(switches.error());
  if (switches->rest.size() != 1) return fail(makeError(Errc::Invalid, "import [-partial] FILE"));
  const std::string& name = switches->rest.front();
  const auto file = config::readFile(name);
  if (!file.ok()) return fail(file.error());
  if (file->text.size() > config::yaml::kMaxBytes)
    return fail(makeError(Errc::Limit, name + " is larger than 1 MiB"));
  Import work(editor, name);
  for (const DumpLine& line : parseDump(file->text)) work.take(line);
  work.judgeWhole();
  return work.finish(switches->has("partial"));
}

}  // namespace posthorn::msconfig
