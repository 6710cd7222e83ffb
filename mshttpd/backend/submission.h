// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "mshttpd/backend/mail_host.h"

namespace posthorn::mshttpd {

/// An envelope (RFC 8621 7). Parameters as "SIZE=100" words.
struct Envelope {
  std::string from;  ///< may be empty
  std::vector<std::string> fromParameters;
  struct Recipient {
    std::string address;
    std::vector<std::string> parameters;
  };
  std::vector<Recipient> to;
};

struct SmtpReply {
  int code = 0;      ///< 250
  std::string text;  ///< "250 2.1.5 Ok", lines joined by "\n"
};

struct Sent {
  std::vector<SmtpReply> recipients;  ///< in the order of the envelope's
  SmtpReply data;                     ///< of the message; code 0: no recipient was taken, nothing was sent
  std::uint64_t mostOctets = 0;       ///< else nothing was sent: the server takes no larger messages
};

/// Hands messages to the MTA (http.smtphost, in order, http.smtpport). Job thread; blocks within limits.
class Submission {
 public:
  virtual ~Submission() = default;
  /// An error is before or beyond any reply about recipients: Unavailable (no host takes it now),
  /// Denied (MAIL is refused), Unsupported and Invalid (it cannot be said to this server), Timeout
  /// with `data` unanswered: the message may have gone out, and the text says that.
  virtual Result<Sent> send(const Envelope& envelope, const backend::Source& message, std::uint64_t octets,
                            bool eightBit) = 0;
};

}  // namespace posthorn::mshttpd
