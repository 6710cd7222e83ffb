// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/base/bytes.h"

namespace posthorn::imap {

/// Modified UTF-7 (RFC 3501 §5.1.3) to UTF-8. Strict: nothing on octets over 0x7E, control characters (also
/// encoded ones), printable ASCII within base64, base64 runs side by side, odd surrogates, wrong bits at the
/// end or a run without its "-". What decodes, encodes to the same octets again.
std::optional<std::string> decodeMutf7(View text);

}  // namespace posthorn::imap
