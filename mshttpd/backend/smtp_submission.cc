// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/smtp_submission.h"

#include <utility>

#include "mshttpd/backend/smtp_exchange.h"
#include "mshttpd/backend/smtp_messages.h"

namespace posthorn::mshttpd::backend {

namespace {

/// Whether another host may do what this one could not.
bool tryNext(const Error& error) {
  return error.code == Errc::Unavailable || error.code == Errc::Timeout;
}

}  // namespace

void SmtpSubmission::configure(SmtpSettings settings) {
  auto fresh = std::make_shared<const SmtpSettings>(std::move(settings));
  settings_.with([&](std::shared_ptr<const SmtpSettings>& current) { current = std::move(fresh); });
}

Result<Sent> SmtpSubmission::send(const Envelope& envelope, const Source& message, std::uint64_t octets,
                                  bool eightBit) {
  const auto settings =
      settings_.with([](const std::shared_ptr<const SmtpSettings>& current) { return current; });
  Error last = makeError(Errc::Unavailable, "http.smtphost is empty");
  for (const Place& place : settings->places) {
    // Each try reads the message from its beginning: a Source is a value.
    const Source text = message;
    SmtpExchange exchange(*settings, place, dialer_, clock_);
    Result<Sent> sent = exchange.run({envelope, text, octets, eightBit});
    if (sent.ok()) return sent;
    last = std::move(sent).error();
    if (exchange.mayHaveGone()) {
      log::write(messages::kMayHaveGone, {{"host", place.describe()}, {"detail", last.text}});
      return last;
    }
    if (!tryNext(last)) return last;
    log::write(messages::kSmtpFailed, {{"host", place.describe()}, {"detail", last.text}});
  }
  return Error{Errc::Unavailable, last.text,
               "The mail server that sends cannot be reached. The message was not sent; try again later."};
}

}  // namespace posthorn::mshttpd::backend
