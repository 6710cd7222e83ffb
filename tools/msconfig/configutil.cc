// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/configutil.h"

#include <iostream>

#include "common/config/manual.h"
#include "common/config/value.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/run_command.h"
#include "tools/msconfig/view.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

constexpr const char* kUsageText =
    "usage: configutil [-f FILE] [-l] -o NAME             print the value of an option\n"
    "       configutil [-f FILE] [-l] -o NAME -v VALUE    set it\n"
    "       configutil [-f FILE] [-l] -o NAME -d          take it out, so that its default holds\n"
    "       configutil [-f FILE] [-l] [-p PREFIX] [-m]    list options, all or those that begin so; -m says "
    "what they are\n"
    "       configutil [-f FILE] -i INPUTFILE             set what the lines NAME = VALUE of a file say\n"
    "       configutil -H -o NAME                         explain it\n"
    "Old and new names are understood. Passwords are masked unless --passwords asks for them.\n";

class Configutil {
 public:
  explicit Configutil(const Switches& switches)
      : switches_(switches),
        editor_(config::defaultFile(switches.value("f").value_or("")), Mode::Command),
        name_(switches.value("o").value_or("")) {}

  int run() {
    if (switches_.value("o")) return runOption();
    if (switches_.has("v") || switches_.has("d") || switches_.has("H") || !switches_.rest.empty())
      return usage();
    if (const auto input = switches_.value("i")) {
      return switches_.has("p") || switches_.has("m") ? usage()
                                                      : runCommand(editor_, {"import", "--", *input});
    }
    return list(switches_.value("p").value_or(""));
  }

 private:
  static int usage() {
    std::cerr << kUsageText;
    return kUsage;
  }

  int runOption() {
    const auto value = switches_.value("v");
    const int ways = (value ? 1 : 0) + (switches_.has("d") ? 1 : 0) + (switches_.has("H") ? 1 : 0);
    if (ways > 1 || switches_.has("p") || switches_.has("i") || switches_.has("m") || !switches_.rest.empty())
      return usage();
    if (value) return runCommand(editor_, {"set", "--", name_, *value});
    if (switches_.has("d")) return runCommand(editor_, {"unset", name_});
    if (switches_.has("H")) return runCommand(editor_, {"help", name_});
    return print();
  }

  int print() {
    const auto named = config::resolve(name_);
    if (!named) return unknownName(name_);
    const Status opened = editor_.open(false);
    if (!opened.ok()) return fail(opened.error());
    const View view(editor_);
    view.reportErrors();
    if (!view.good()) return kConfig;
    std::cout << legacyValue(view.of(*named), switches_.has("passwords")) << "\n";
    return kOk;
  }

  int list(const std::string& prefix) {
    if (prefix.find(';') != std::string::npos) return unknownName(prefix);
    const Status opened = editor_.open(false);
    if (!opened.ok()) return fail(opened.error());
    const View view(editor_);
    view.reportErrors();
    if (!view.good()) return kConfig;
    for (const Shown& shown : view.all()) {
      const std::string legacy = legacyName(shown);
      if (legacy.rfind(prefix, 0) != 0 && shown.name.rfind(prefix, 0) != 0) continue;
      std::cout << legacy << " = " << legacyValue(shown, switches_.has("passwords")) << "\n";
      if (switches_.has("m")) describe(shown, legacy);
    }
    return kOk;
  }

  static void describe(const Shown& shown, const std::string& legacy) {
    const config::Option& row = shown.option();
    if (legacy != shown.name) std::cout << "    new name: " << shown.name << "\n";
    std::cout << "    " << (shown.isSet ? "set" : "default") << "; " << config::expectation(row)
              << "; default " << (row.fallback.empty() ? "(empty)" : row.fallback) << "\n    "
              << config::applyText(row) << "\n";
  }

  const Switches& switches_;
  Editor editor_;
  std::string name_;
};

}  // namespace

int runConfigutil(const Words& words) {
  const auto switches = readSwitches(
      words, {{"l", "d", "m", "H", "h", "help", "version", "passwords"}, {"o", "v", "p", "i", "f"}});
  if (!switches.ok()) {
    fail(switches.error());
    std::cerr << kUsageText;
    return kUsage;
  }
  if (switches->has("version")) {
    std::cout << "configutil (Posthorn) " POSTHORN_VERSION "\n";
    return kOk;
  }
  if (switches->has("h") || switches->has("help")) {
    std::cout << kUsageText;
    return kOk;
  }
  return Configutil(*switches).run();
}

}  // namespace posthorn::msconfig
