// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/imap/types/response.h"

namespace posthorn::imap {

/// What follows a response code's name, for printer and parser alike.
enum class CodeForm : std::uint8_t {
  Bare,
  Number,
  Numbers,          ///< XSTATE 7, XSTATE 7 5
  Words,            ///< CAPABILITY a b
  List,             ///< PERMANENTFLAGS (a b), MAILBOXID (x)
  OptionalStrings,  ///< BADCHARSET [("a" "b")]
  Set,              ///< MODIFIED 1:3
  NumberAndSet,     ///< APPENDUID 1 4
  NumberAndSets,    ///< COPYUID 1 4:5 6:7
};

CodeForm codeForm(ResponseCode::Kind kind);
/// "UIDNEXT"; empty for None and Other.
std::string_view toString(ResponseCode::Kind kind);
/// In any case; Other for unknown ones.
ResponseCode::Kind codeKind(std::string_view text);

}  // namespace posthorn::imap
