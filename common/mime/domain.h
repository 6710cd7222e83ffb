// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "common/base/bytes.h"

namespace posthorn::mime {

/// A domain as the DNS and SMTP without SMTPUTF8 spell it: labels beyond ASCII become "xn--..." (UTS 46, not
/// transitional); ASCII ones stay as they are. Nothing when it is no domain: empty or too long labels,
/// characters that none may have.
std::optional<Bytes> asciiDomain(View utf8);

}  // namespace posthorn::mime
