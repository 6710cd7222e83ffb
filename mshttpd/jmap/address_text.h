// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

namespace posthorn::mshttpd::jmap {

/// An address as it is written into a header. A draft's may be half an address ("joh"): what is not
/// local@domain is quoted, so that it stays one. Domains beyond ASCII are written in ASCII. Invalid, with a
/// text for the client: controls, too long, or a local part that only SMTPUTF8 could carry.
Result<std::string> spellForHeader(std::string_view email);

/// The same for an envelope: Mailbox of RFC 5321 4.1.2 within its lengths (4.5.3.1), or Invalid.
Result<std::string> spellForEnvelope(std::string_view email);

/// Whether two addresses are one mailbox as this house knows them: any case.
bool sameAddress(std::string_view a, std::string_view b);

}  // namespace posthorn::mshttpd::jmap
