// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "tools/accounts/field_date.h"

// The header fields that a delivery puts before a message (RFC 5321 §4.4).

namespace posthorn::deliver {

using tools::fieldDate;

/// `sender` as Return-Path may show it: without angle brackets; empty is the null sender. Nothing when it is
/// too odd or too long for a field of its own: the sender is a stranger's choice, and an odd one costs the
/// Return-Path, never the message.
std::optional<std::string> returnPath(std::string_view sender);

/// "Return-Path: <sender>" (when there is one) and "Delivered-To: recipient", each with CRLF.
std::string traceFields(const std::optional<std::string>& sender, std::string_view recipient);

/// What a Received field says.
struct Hop {
  std::string_view from;     ///< as the client called itself
  std::string_view address;  ///< where it came from: "192.0.2.1"; empty: a Unix socket
  std::string_view by;       ///< this host
  std::string_view with;     ///< "LMTP", "LMTPS", "UTF8LMTP", "UTF8LMTPS" (RFC 3848, RFC 6531)
  std::string_view id;       ///< names the transaction in the log
  std::string_view recipient;
};
/// The field with CRLF, at most 78 octets a line as far as its words allow.
std::string receivedField(const Hop& hop, Wall when);

}  // namespace posthorn::deliver
