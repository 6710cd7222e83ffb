// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "common/base/result.h"
#include "mshttpd/backend/mail_host.h"
#include "mshttpd/jmap/email_body.h"
#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

/// EmailBodyValue (RFC 8621 4.1.4) of a text part whose transfer encoding is undone: UTF-8, CRLF as LF, at
/// most `most` octets, cut between characters and outside of HTML tags. Reads no further than it needs. Job
/// thread.
Result<Json> bodyValue(const BodyPart& part, const backend::Source& octets, std::uint64_t most);

}  // namespace posthorn::mshttpd::jmap
