// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace posthorn::msconfig {

class Editor;

/// Exit statuses, after sysexits(3).
inline constexpr int kOk = 0;
inline constexpr int kUsage = 64;
inline constexpr int kUnavailable = 69;
inline constexpr int kInternal = 70;
inline constexpr int kIo = 74;
inline constexpr int kUnsaved =
    75;  ///< a shell without a terminal ended with edits that it was not told to write
inline constexpr int kNoPermission = 77;
inline constexpr int kConfig = 78;

using Words = std::vector<std::string>;

enum class Effect : unsigned char {
  None,     ///< needs no configuration at all
  Reads,    ///< looks at the configuration with its unsaved edits
  Changes,  ///< edits it; from the system's command line the edits are written at once
  Writes,   ///< writes the edits
  Leaves,   ///< ends the shell
};

/// One command, for the system's command line and the shell alike.
///
/// `run` gets the words behind the name, prints its answer to standard output and what is wrong to standard
/// error, and returns the exit status. What a command that changes has to say goes through Editor::say, so
/// that nothing is said to be done that could not be written.
struct Command {
  std::string_view name;  ///< one or two words: "set", "explain login"
  std::string_view arguments = {};
  std::string_view help = {};  ///< one sentence without its stop
  Effect effect = Effect::Reads;
  int (*run)(Editor& editor, const Words& words) = nullptr;
};

/// All commands in the order in which `help` lists them.
std::span<const Command> commands();

/// The command that `words` begins with, two-word names first; `used` words belong to its name. Null when
/// there is none.
const Command* findCommand(const Words& words, std::size_t& used);

// One function a command; each lies in the file that is called after its first command.
int check(Editor& editor, const Words& words);
int diff(Editor& editor, const Words& words);
int explain(Editor& editor, const Words& words);
int explainLogin(Editor& editor, const Words& words);
int get(Editor& editor, const Words& words);
int exportTo(Editor& editor, const Words& words);
int help(Editor& editor, const Words& words);
int history(Editor& editor, const Words& words);
int import(Editor& editor, const Words& words);
int leave(Editor& editor, const Words& words);
int man(Editor& editor, const Words& words);
int revert(Editor& editor, const Words& words);
int run(Editor& editor, const Words& words);
int sample(Editor& editor, const Words& words);
int set(Editor& editor, const Words& words);
int show(Editor& editor, const Words& words);
int unset(Editor& editor, const Words& words);
int write(Editor& editor, const Words& words);

}  // namespace posthorn::msconfig
