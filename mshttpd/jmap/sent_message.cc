// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/jmap/sent_message.h"

#include <algorithm>
#include <string>
#include <utility>

#include "mshttpd/jmap/email_change.h"
#include "mshttpd/jmap/outgoing.h"

namespace posthorn::mshttpd::jmap {

namespace {

/// What the MTA said where it took nothing.
Json refusedByAll(const Envelope& envelope, const Sent& sent) {
  std::string said;
  Json refused = Json::array();
  bool later = false;
  for (std::size_t i = 0; i < envelope.to.size(); ++i) {
    refused.push_back(envelope.to[i].address);
    if (said.size() < 2000)
      said.append(said.empty() ? "" : "; ")
          .append(envelope.to[i].address + ": " + oneLine(sent.recipients[i]));
    later = later || sent.recipients[i].code / 100 == 4;
  }
  if (later)
    return setError("serverUnavailable",
                    "The mail server takes the message for nobody now. Try again later. " + said);
  Json error = setError("invalidRecipients", "The mail server refuses the recipients. " + said);
  error["invalidRecipients"] = std::move(refused);
  return error;
}

}  // namespace

Json sendError(const Error& error, const Envelope& envelope) {
  const std::string text = error.client;
  switch (error.code) {
    case Errc::Denied:
      return setError("forbiddenMailFrom", text);
    case Errc::Timeout:
      // Not serverUnavailable: a client may try that again by itself.
      return setError("serverFail", text);
    case Errc::Unsupported: {
      const bool dsn = !envelope.fromParameters.empty() ||
                       std::any_of(envelope.to.begin(), envelope.to.end(),
                                   [](const auto& to) { return !to.parameters.empty(); });
      return dsn ? setError("invalidProperties", text, {"envelope"}) : setError("invalidEmail", text);
    }
    default:
      return setErrorOf(error);
  }
}

Json notTaken(const Envelope& envelope, const Sent& sent) {
  if (sent.mostOctets > 0) return messageTooLarge(sent.mostOctets);
  if (sent.recipients.size() != envelope.to.size()) return setError("serverFail");
  switch (sent.data.code / 100) {
    case 0:
      return refusedByAll(envelope, sent);
    case 2:
      return {};
    case 4:
      return setError(
          "serverUnavailable",
          "The mail server does not take the message now. Try again later. " + oneLine(sent.data));
    default:
      return setError("forbiddenToSend", "The mail server refuses the message. " + oneLine(sent.data));
  }
}

Json deliveryStatus(const Envelope& envelope, const Sent& sent) {
  Json out = Json::object();
  for (std::size_t i = 0; i < envelope.to.size(); ++i) {
    const bool taken = sent.recipients[i].code / 100 == 2;
    // What the MTA has taken is in its hands, and nobody tells us how it ends.
    out[envelope.to[i].address] = {{"smtpReply", oneLine(sent.recipients[i])},
                                   {"delivered", taken ? "unknown" : "no"},
                                   {"displayed", "unknown"}};
  }
  return out;
}

}  // namespace posthorn::mshttpd::jmap
