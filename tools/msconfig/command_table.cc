// SPDX-License-Identifier: Apache-2.0
#include "tools/msconfig/command.h"

namespace posthorn::msconfig {

namespace {

constexpr Command kCommands[] = {
    {"set", "[-comment TEXT] [-restricted] NAME [VALUE [NAME VALUE]...]",
     "change options; -comment puts a text behind them, -restricted is accepted for old scripts",
     Effect::Changes, set},
    {"unset", "NAME...", "take options out, so that their defaults hold", Effect::Changes, unset},
    {"get", "[-passwords] NAME", "print the value of one option", Effect::Reads, get},
    {"show", "[-all] [-passwords] [NAME|SECTION|PATTERN]...",
     "list the options that are set; -all lists those with their defaults too", Effect::Reads, show},
    {"check", "", "say all that is wrong with the configuration", Effect::Reads, check},
    {"write", "[-remark TEXT]", "write the edits of the shell", Effect::Writes, write},
    {"diff", "[-running | N [M]]",
     "show what the edits change; -running what the services do not run with yet; N [M] what versions differ "
     "in",
     Effect::Reads, diff},
    {"differences", "[-running | N [M]]", "the same as diff", Effect::Reads, diff},
    {"history", "", "list the configurations that were written, with their numbers", Effect::Reads, history},
    {"revert", "[N]", "go back to version N; without a number drop the edits of the shell", Effect::Changes,
     revert},
    {"run", "FILE", "run commands from a file, one a line; it stops at the first that fails", Effect::Changes,
     run},
    {"import", "[-partial] FILE",
     "set what a dump of configutil says, all of it or, with -partial, what can be taken", Effect::Changes,
     import},
    {"export", "[-legacy] [-passwords] [FILE]", "print the options that are set as lines that import reads",
     Effect::Reads, exportTo},
    {"explain", "NAME", "say what an option is, where its value comes from and what the running services use",
     Effect::Reads, explain},
    {"explain login", "USER --from IP --service pop|imap|http [--tls] [--password-from-stdin]",
     "say step by step why a user can log in or cannot", Effect::Reads, explainLogin},
    {"help", "[COMMAND|NAME|SECTION|PATTERN]", "list commands, or explain a command or options", Effect::None,
     help},
    {"sample", "", "print a file with every option and its default", Effect::None, sample},
    {"man", "[posthorn.yaml|msconfig|configutil]", "print a manual page, by default that of the file",
     Effect::None, man},
    {"exit", "", "leave the shell", Effect::Leaves, leave},
    {"quit", "", "the same as exit", Effect::Leaves, leave},
};

}  // namespace

std::span<const Command> commands() {
  return kCommands;
}

const Command* findCommand(const Words& words, std::size_t& used) {
  for (used = 2; used > 0; --used) {
    if (words.size() < used) continue;
    const std::string name = used == 2 ? words[0] + " " + words[1] : words[0];
    for (const Command& command : kCommands) {
      if (command.name == name) return &command;
    }
  }
  return nullptr;
}

}  // namespace posthorn::msconfig
