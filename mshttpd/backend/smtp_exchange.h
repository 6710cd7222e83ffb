// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "mshttpd/backend/smtp_settings.h"
#include "mshttpd/backend/smtp_talk.h"

namespace posthorn::mshttpd::backend {

/// What is to be sent.
struct SmtpLetter {
  const Envelope& envelope;
  const Source& message;
  std::uint64_t octets = 0;
  bool eightBit = false;
};

/// One message over one connection to one server: greeting, EHLO (LHLO for LMTP), STARTTLS, AUTH, MAIL, RCPT,
/// DATA. Job thread; one use.
class SmtpExchange {
 public:
  SmtpExchange(const SmtpSettings& settings, const Place& place, Dialer& dialer, const Clock& clock)
      : settings_(settings), place_(place), dialer_(dialer), clock_(clock) {}

  /// Errors as Submission::send() says. Another server may be tried after one while `mayHaveGone()` is false.
  Result<Sent> run(const SmtpLetter& letter);
  /// The end of the message was on its way: whoever sends it again may send it twice.
  [[nodiscard]] bool mayHaveGone() const { return mayHaveGone_; }

 private:
  enum class Trust { None, Encrypted, Verified };

  Status open();
  Status connect(const tls::ClientContext* tls);
  Status greet();
  Status hello();
  Status encrypt();
  Status logIn();
  Status authenticate(std::string_view mechanism);
  Status checkExtensions(const SmtpLetter& letter) const;
  [[nodiscard]] std::uint64_t mostOctets() const;
  Result<SmtpReply> mail(const SmtpLetter& letter);
  Result<std::vector<SmtpReply>> recipients(const Envelope& envelope);
  Result<SmtpReply> data(const Source& message);
  Status pour(const Source& message);
  Status readOthers(Sent& sent);
  [[nodiscard]] bool offers(const std::string& extension) const { return extensions_.count(extension) > 0; }
  [[nodiscard]] bool ownHost() const;
  [[nodiscard]] Error refused(std::string_view what, const SmtpReply& reply) const;

  const SmtpSettings& settings_;
  const Place& place_;
  Dialer& dialer_;
  const Clock& clock_;
  std::unique_ptr<SmtpTalk> talk_;
  SmtpExtensions extensions_;
  Trust trust_ = Trust::None;
  bool mayHaveGone_ = false;
};

}  // namespace posthorn::mshttpd::backend
