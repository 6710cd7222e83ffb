// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "common/config/history.h"
#include "common/config/manual.h"
#include "tools/msconfig/words.h"

namespace posthorn::msconfig {

namespace {

/// A text for the man macros: no lost backslashes or hyphens.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

constexpr std::string_view kIntroduction = R"(.\" Printed by `msconfig man msconfig`.
.TH MSCONFIG 1 "" "Posthorn" "Posthorn"
.SH NAME
msconfig \- show, check and change the configuration of Posthorn
.SH SYNOPSIS
.B msconfig
.RB [ \-c
.IR FILE ]
.RI [ COMMAND
.RI [ WORD ]...]
.SH DESCRIPTION
One command of the system's shell is carried out and written at once. Without a command
.B msconfig
reads commands itself: its prompt is
.B msconfig>
and, as long as there are edits that are not written,
.BR msconfig# .
There
.B write
writes them all together,
.B diff
shows them, and
.B exit
leaves; with edits that are not written it has to be said twice. Lines that come from a pipe or a file get no prompt, the
first one that fails is the last, and edits that were not written are dropped.
.PP
Options go by their new or old names. A value with blanks needs quotes; switches are written with one dash or two. Comments
and the order of the file stay: only what changes is rewritten, and where that cannot be done safely the change is refused.
Each change says how it reaches what runs:
.BR live ,
.B refresh
or
.BR restart ,
with the command to type.
.PP
Every write keeps the configuration that was there before, and the new one, as a version with a number, in
.IR FILE.history .
The latest )";

constexpr std::string_view kEnd = R"(.SH EXIT STATUS
0 when it is done; 64 for wrong usage, 69 or 78 for what cannot be done now or is wrong in the configuration, 74 when the
answer cannot be written, 75 when the input ended with edits that were not written, 77 for who may not.
.SH FILES
.I /etc/posthorn/posthorn.yaml
unless the environment variable POSTHORN_CONFIG or \-c names another.
.SH SEE ALSO
.BR posthorn.yaml (5),
.BR configutil (1)
)";

constexpr std::string_view kConfigutil = R"(.\" Printed by `msconfig man configutil`.
.TH CONFIGUTIL 1 "" "Posthorn" "Posthorn"
.SH NAME
configutil \- msconfig with the switches of an older tool
.SH SYNOPSIS
.nf
configutil [\-f FILE] [\-l] \-o NAME [\-v VALUE | \-d]
configutil [\-f FILE] [\-l] [\-p PREFIX] [\-m]
configutil [\-f FILE] \-i INPUTFILE
configutil \-H \-o NAME
.fi
.SH DESCRIPTION
For scripts that were written for that tool. With
.B \-o
alone the value of an option is printed, numbers without a unit;
.B \-v
sets it,
.B \-d
takes it out, at once. Without
.B \-o
all options are listed, or those whose old or new name begins with PREFIX;
.B \-m
says what each one is.
.B \-i
sets what the lines NAME = VALUE of a file say, all of them or none.
.B \-H
explains an option. Passwords are masked unless
.B \-\-passwords
asks for them. Variants of an option in other languages (NAME;LANGUAGE) are refused.
.SH SEE ALSO
.BR msconfig (1),
.BR posthorn.yaml (5)
)";

std::string commandPage() {
  std::string text(kIntroduction);
  text += std::to_string(config::History::kKept) +
          " are kept, with the mode and owner of the file.\n.SH COMMANDS\n";
  for (const Command& command : commands()) {
    text += ".TP\n.B " + roff(command.name) +
            (command.arguments.empty() ? "" : " " + roff(command.arguments)) + "\n" + roff(command.help) +
            ".\n";
  }
  return text + std::string(kEnd);
}

}  // namespace

int man(Editor& /*editor*/, const Words& words) {
  const std::string page = words.empty() ? "posthorn.yaml" : words.front();
  if (page == "posthorn.yaml") {
    std::cout << config::manualPage();
  } else if (page == "msconfig") {
    std::cout << commandPage();
  } else if (page == "configutil") {
    std::cout << kConfigutil;
  } else {
    return fail(makeError(Errc::Invalid, "man [posthorn.yaml|msconfig|configutil]"));
  }
  return kOk;
}

}  // namespace posthorn::msconfig
