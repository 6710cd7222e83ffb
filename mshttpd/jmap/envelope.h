// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>

#include "mshttpd/backend/submission.h"
#include "mshttpd/jmap/method.h"
#include "mshttpd/jmap/outgoing.h"

// Envelopes of EmailSubmissions (RFC 8621 7): JSON to what SMTP is told, and back. Pure.

namespace posthorn::mshttpd::jmap {

/// Recipients of one message.
inline constexpr std::size_t kMaxRecipients = 1000;

/// The envelope of an EmailSubmission, or the SetError. `envelope` may be null: it is made from the header.
/// `identityEmail` is what the envelope's sender falls back to.
std::variant<Envelope, Json> envelopeOf(const Json& envelope, const OutgoingHeader& header,
                                        const Caller& caller, const std::string& identityEmail);
/// As JMAP shows it.
Json envelopeJson(const Envelope& envelope);

}  // namespace posthorn::mshttpd::jmap
