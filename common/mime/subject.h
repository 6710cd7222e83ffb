// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/bytes.h"

namespace posthorn::mime {

/// What SORT SUBJECT and THREAD compare: the base subject of RFC 5256 2.1, in UTF-8, not folded.
struct BaseSubject {
  Bytes text;
  bool replyOrForward = false;  ///< something of "re:", "fwd:", "(fwd)", "[fwd: ]" was taken off
  bool operator==(const BaseSubject&) const = default;
};

/// `subject` is the field's value or ENVELOPE's string, encoded words and all.
BaseSubject baseSubject(View subject);

}  // namespace posthorn::mime
