// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/bytes.h"

namespace posthorn::imap {

/// Appends `utf8` in modified UTF-7 (RFC 3501 §5.1.3). Octets that are no UTF-8 become U+FFFD: names come
/// from the store, which holds none such.
void putMutf7(std::string& out, View utf8);

}  // namespace posthorn::imap
