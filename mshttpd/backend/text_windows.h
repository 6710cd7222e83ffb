// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "mshttpd/backend/mail_host.h"

namespace posthorn::mshttpd::backend {

/// The text of one FETCH item of the message. Job thread.
using ReadItem = std::function<Result<Bytes>(const imap::FetchAttribute& item)>;

/// A part's text in windows of at most kTextWindow octets; none is read before it is asked for, but for the
/// first, so that what is not there is an error at once. `decoded`: without its transfer encoding, by the
/// server's BINARY when `binary`, else here.
Result<Source> textSource(ReadItem read, const imap::Section& section, bool decoded, bool binary);

inline constexpr std::uint64_t kTextWindow = 256UL * 1024;

}  // namespace posthorn::mshttpd::backend
