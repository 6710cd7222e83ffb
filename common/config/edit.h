// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/config/names.h"

// Changes of the file's text that touch one option and nothing else: comments, order and spelling stay. Pure.
// After each edit the new text is read again and compared with the old one, option by option; if anything but
// the one option moved, the edit is refused (Unsupported: "edit the file by hand").

namespace posthorn::config {

/// `text` with the option set to `value` (as on the command line; lists split at blanks and commas). An
/// option that is there keeps its place and the spelling of its name; a new one goes to the end of its
/// section.
Result<std::string> setInText(std::string_view text, const Named& named, std::string_view value);

/// `text` without the option and without a comment on the same line. NotFound when it is not set.
Result<std::string> unsetInText(std::string_view text, const Named& named);

/// `text` with `comment` behind the option, on its line: "port: 1143  # comment". What stood there as a
/// comment goes; an empty one only takes that away. NotFound when the option is not set, Unsupported where no
/// comment can stand (several options on one line), Invalid when it is not one printable line.
Result<std::string> commentInText(std::string_view text, const Named& named, std::string_view comment);

/// The comment that commentInText would replace, without #; empty when there is none.
std::string commentOf(std::string_view text, const Named& named);

}  // namespace posthorn::config
