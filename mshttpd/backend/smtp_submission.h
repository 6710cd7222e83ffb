// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/base/locked.h"
#include "mshttpd/backend/smtp_settings.h"
#include "mshttpd/backend/submission.h"

namespace posthorn::mshttpd::backend {

/// Submission by SMTP, a connection for each message. A host that cannot take it now is followed by the next
/// one; none is tried after the end of the message was sent to one. Any thread.
class SmtpSubmission final : public Submission {
 public:
  explicit SmtpSubmission(SmtpSettings settings, const Clock& clock = Clock::system())
      : clock_(clock), dialer_(clock), settings_(std::make_shared<const SmtpSettings>(std::move(settings))) {}

  /// For messages from now on.
  void configure(SmtpSettings settings);

  Result<Sent> send(const Envelope& envelope, const Source& message, std::uint64_t octets,
                    bool eightBit) override;

 private:
  const Clock& clock_;
  Dialer dialer_;
  Locked<std::shared_ptr<const SmtpSettings>> settings_;
};

}  // namespace posthorn::mshttpd::backend
