// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mshttpd/backend/submission.h"
#include "mshttpd/jmap/method.h"

// What became of a message that was handed to the MTA, as JMAP tells it (RFC 8621 7, 7.5). Pure.

namespace posthorn::mshttpd::jmap {

/// The SetError of a send that gave no replies.
Json sendError(const Error& error, const Envelope& envelope);

/// The SetError where the MTA has answered and taken nothing; null: it has taken the message for somebody.
Json notTaken(const Envelope& envelope, const Sent& sent);

/// Each recipient's DeliveryStatus.
Json deliveryStatus(const Envelope& envelope, const Sent& sent);

}  // namespace posthorn::mshttpd::jmap
