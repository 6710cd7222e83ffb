// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/store/types.h"

namespace posthorn::migrate {

/// What the name of a message's file in a Maildir says. Views of the name.
struct FileName {
  View base;                            ///< what stays: up to ':'
  store::SystemFlags flags = 0;         ///< D F R S T
  std::uint32_t letters = 0;            ///< bit n: the letter 'a' + n, a keyword of dovecot-keywords
  std::optional<std::uint64_t> size;    ///< S=: octets of the file
  std::optional<std::uint64_t> octets;  ///< W=: octets with CRLF lines
};

FileName parseFileName(View name);

/// Whether `a` came before `b`: by the seconds at the beginning of the base names, their M microseconds,
/// their octets. The order in which servers number files that they see for the first time.
bool cameBefore(View a, View b);

}  // namespace posthorn::migrate
