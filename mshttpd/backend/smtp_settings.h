// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/tls/client_context.h"
#include "mshttpd/backend/wire.h"

namespace posthorn::config {
class Snapshot;
}

namespace posthorn::mshttpd::backend {

/// How mail is submitted: http.smtp*. A value.
struct SmtpSettings {
  enum class Tls : std::uint8_t { Never, Offered, Required, FromTheFirst };

  std::vector<Place> places;  ///< in the order in which they are tried
  std::string hello;          ///< our name in EHLO
  bool lmtp = false;          ///< LMTP instead of SMTP (RFC 2033)
  std::string user;           ///< empty: no login
  std::string password;
  Tls tls = Tls::Offered;
  std::shared_ptr<const tls::ClientContext> verified;    ///< null: Tls::Never
  std::shared_ptr<const tls::ClientContext> unverified;  ///< for Tls::Offered

  std::chrono::milliseconds connect{10'000};  ///< to a connection
  std::chrono::milliseconds command{60'000};  ///< each reply, and each window of the message
  std::chrono::milliseconds finish{300'000};  ///< the reply to the whole message (RFC 5321 4.5.3.2.6: not
                                              ///< less than ten minutes; a browser does not wait that long)

  /// Invalid or Unavailable when http.smtptlsca cannot be used.
  static Result<SmtpSettings> from(const config::Snapshot& config);
};

/// "host", "host:port" or "[address]:port".
Place parsePlace(std::string_view text, std::uint16_t port);

}  // namespace posthorn::mshttpd::backend
