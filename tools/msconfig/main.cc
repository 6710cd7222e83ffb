// SPDX-License-Identifier: Apache-2.0
// msconfig: one command from the system's command line, or a shell of its own when there is none. Called
// configutil it is the older tool.
#include <iostream>

#include "common/config/snapshot.h"
#include "tools/msconfig/configutil.h"
#include "tools/msconfig/editor.h"
#include "tools/msconfig/run_command.h"
#include "tools/msconfig/shell.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {
namespace {

constexpr const char* kUsageText =
    "usage: msconfig [-c FILE] [COMMAND [WORD]...]\n"
    "Shows, checks and changes the configuration of Posthorn; without a command in a shell of its own. FILE "
    "is by default $POSTHORN_CONFIG, else\n"
    "/etc/posthorn/posthorn.yaml.\n";

struct Global {
  std::string config;
  bool help = false;
  bool version = false;
};

/// Takes what stands before the command off `words`.
Result<Global> takeGlobal(Words& words) {
  Global global;
  std::size_t at = 0;
  for (; at < words.size() && words[at].size() > 1 && words[at].front() == '-'; ++at) {
    const std::string& word = words[at];
    if (word == "-h" || word == "--help") {
      global.help = true;
    } else if (word == "--version") {
      global.version = true;
    } else if ((word == "-c" || word == "--config") && at + 1 < words.size()) {
      global.config = words[++at];
    } else if (word.rfind("--config=", 0) == 0) {
      global.config = word.substr(9);
    } else {
      return makeError(Errc::Invalid, "there is no switch " + word);
    }
  }
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(at));
  return global;
}

int finish(int status) {
  std::cout.flush();
  return std::cout.good() ? status : kIo;  // a full disk behind > must not look like success
}

bool isConfigutil(std::string_view path) {
  return path.substr(path.rfind('/') + 1) == "configutil";
}

int runProgram(Words words) {
  const auto global = takeGlobal(words);
  if (!global.ok()) return fail(global.error());
  Editor editor(config::defaultFile(global->config), words.empty() ? Mode::Shell : Mode::Command);
  int status = kOk;
  if (global->version) {
    std::cout << "msconfig (Posthorn) " POSTHORN_VERSION "\n";
  } else if (global->help) {
    std::cout << kUsageText;
    status = help(editor, {});
  } else if (words.empty()) {
    const Status opened = editor.open(false);
    status = opened.ok() ? runShell(editor, *makeLineReader()) : fail(opened.error());
  } else {
    status = runCommand(editor, words);
  }
  return status;
}

}  // namespace
}  // namespace posthorn::msconfig

int main(int argc, char** argv) {
  using namespace posthorn::msconfig;
  try {
    const Words words(argv + 1, argv + argc);
    return finish(isConfigutil(argv[0]) ? runConfigutil(words) : runProgram(words));
  } catch (const std::exception& e) {
    std::cerr << "msconfig: " << e.what() << "\n";
    return kInternal;
  }
}
