// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mshttpd/backend/submission.h"
#include "mshttpd/jmap/blob_file.h"
#include "mshttpd/jmap/method.h"

// A stored message on its way out (RFC 8621 7): what its header says of sender and recipients, whether it may
// go as it is, and its text without Bcc.

namespace posthorn::mshttpd::jmap {

/// What a header says. Addresses are as they are to be compared and sent: "local@domain" in ASCII.
struct OutgoingHeader {
  std::vector<std::string> from;
  std::vector<std::string> sender;
  std::vector<std::string> recipients;  ///< To, Cc and Bcc, each once
  std::vector<std::string> invalid;     ///< properties of the Email that RFC 5322 does not allow to be so
};
OutgoingHeader readOutgoing(View header);

/// A message read once.
struct Outgoing {
  OutgoingHeader header;
  TextFacts facts;  ///< of what is sent
  BlobFile stored;
  /// Without Bcc, with canonical lines.
  [[nodiscard]] backend::Source source() const;
};
/// Copies the message out of the back end, so that nothing of it is held while SMTP is spoken.
Result<Outgoing> readMessage(backend::MailHost& host, const backend::Id& email, std::uint64_t octets);

/// A reply on one line as RFC 8621 7 wants it.
std::string oneLine(const SmtpReply& reply);

}  // namespace posthorn::mshttpd::jmap
