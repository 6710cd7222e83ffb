// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/smtp_exchange.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "common/base/base64.h"

namespace posthorn::mshttpd::backend {

namespace {

/// RCPTs that are sent before their replies are read: their text fits into any socket's buffers.
constexpr std::size_t kPipelined = 50;

bool accepted(const SmtpReply& reply) {
  return reply.code / 100 == 2;
}

/// The parameters of DSN (RFC 3461 4); all others are for us to say.
bool isDsn(std::string_view parameter) {
  const std::string key = ascii::toUpper(parameter.substr(0, parameter.find('=')));
  return key == "NOTIFY" || key == "ORCPT" || key == "RET" || key == "ENVID";
}

/// Nothing that comes from a client may end a command or a path.
bool fitsCommand(std::string_view text, bool path) {
  return text.size() <= 1000 && std::none_of(text.begin(), text.end(), [path](char c) {
           return ascii::isControl(c) || static_cast<unsigned char>(c) >= 0x80 ||
                  (!path && (c == ' ' || c == '<' || c == '>'));
         });
}

Status checkEnvelope(const Envelope& envelope) {
  bool good = fitsCommand(envelope.from, true);
  for (const std::string& parameter : envelope.fromParameters)
    good = good && fitsCommand(parameter, false) && isDsn(parameter);
  for (const Envelope::Recipient& to : envelope.to) {
    good = good && !to.address.empty() && fitsCommand(to.address, true);
    for (const std::string& parameter : to.parameters)
      good = good && fitsCommand(parameter, false) && isDsn(parameter);
  }
  return good ? okStatus() : makeError(Errc::Invalid, "an envelope that SMTP cannot carry");
}

std::string withParameters(std::string command, const std::vector<std::string>& parameters) {
  for (const std::string& parameter : parameters) command.append(" ").append(parameter);
  return command;
}

Error forClient(Errc code, const std::string& text) {
  return Error{code, text, text};
}

/// The end of the message was sent and its reply did not come.
Error unconfirmed(const Error& why) {
  return Error{Errc::Timeout, why.text + ", after the whole message was sent",
               "The mail server did not confirm the message in time. It may have gone out: look before "
               "sending it again."};
}

}  // namespace

Error SmtpExchange::refused(std::string_view what, const SmtpReply& reply) const {
  std::string said = reply.text;
  std::replace(said.begin(), said.end(), '\n', ' ');
  return makeError(Errc::Unavailable,
                   place_.describe() + " refuses " + std::string(what) + ": " + ascii::printable(said));
}

bool SmtpExchange::ownHost() const {
  return place_.host == "localhost" || place_.host == "::1" || ascii::startsWith(place_.host, "127.");
}

Status SmtpExchange::connect(const tls::ClientContext* tls) {
  PH_TRY(auto wire, Wire::connect(dialer_, place_, tls, clock_.steady() + settings_.connect, clock_));
  talk_ = std::make_unique<SmtpTalk>(std::move(wire), clock_);
  return okStatus();
}

Status SmtpExchange::greet() {
  PH_TRY(const SmtpReply greeting, talk_->reply(settings_.command));
  if (greeting.code != 220) return refused("the connection", greeting);
  return hello();
}

Status SmtpExchange::hello() {
  const bool address = ascii::number(settings_.hello.substr(0, 1)).has_value() &&
                       settings_.hello.find_first_not_of("0123456789.") == std::string::npos;
  const std::string name = address ? "[" + settings_.hello + "]" : settings_.hello;
  PH_TRY(const SmtpReply reply, talk_->ask((settings_.lmtp ? "LHLO " : "EHLO ") + name, settings_.command));
  if (settings_.lmtp && !accepted(reply)) return refused("LHLO (http.smtplmtp is on)", reply);
  if (accepted(reply)) {
    extensions_ = parseExtensions(reply);
    return okStatus();
  }
  extensions_.clear();
  PH_TRY(const SmtpReply old, talk_->ask("HELO " + name, settings_.command));
  return accepted(old) ? okStatus() : Status(refused("HELO", old));
}

/// A password is said to nobody but who has shown to be the one, or who is on this host.
Status SmtpExchange::encrypt() {
  using Tls = SmtpSettings::Tls;
  if (settings_.tls == Tls::Never || settings_.tls == Tls::FromTheFirst) return okStatus();
  if (!offers("STARTTLS")) {
    if (settings_.tls == Tls::Offered) return okStatus();
    return makeError(Errc::Unavailable,
                     place_.describe() + " does not offer STARTTLS, which http.smtptls requires");
  }
  PH_TRY(const SmtpReply reply, talk_->ask("STARTTLS", settings_.command));
  if (reply.code != 220) return refused("STARTTLS", reply);
  if (talk_->ahead())
    return makeError(Errc::Unavailable,
                     place_.describe() + " speaks before TLS has begun: somebody is in between");
  const bool verify = settings_.tls == Tls::Required || (!settings_.user.empty() && !ownHost());
  const tls::ClientContext& context = verify ? *settings_.verified : *settings_.unverified;
  talk_->wire().arm(clock_.steady() + settings_.connect);
  PH_CHECK(talk_->wire().startTls(context, place_.host));
  trust_ = verify ? Trust::Verified : Trust::Encrypted;
  return hello();
}

Status SmtpExchange::authenticate(std::string_view mechanism) {
  const std::string plain =
      base64::encode(std::string(1, '\0') + settings_.user + std::string(1, '\0') + settings_.password);
  if (mechanism == "PLAIN") {
    PH_TRY(const SmtpReply reply, talk_->ask("AUTH PLAIN " + plain, settings_.command));
    return accepted(reply) ? okStatus() : Status(refused("http.smtpauthuser", reply));
  }
  PH_TRY(SmtpReply reply, talk_->ask("AUTH LOGIN", settings_.command));
  for (const std::string& answer : {settings_.user, settings_.password}) {
    if (reply.code != 334) return refused("http.smtpauthuser", reply);
    PH_TRY(reply, talk_->ask(base64::encode(answer), settings_.command));
  }
  return accepted(reply) ? okStatus() : Status(refused("http.smtpauthuser", reply));
}

Status SmtpExchange::logIn() {
  if (settings_.user.empty()) return okStatus();
  if (trust_ != Trust::Verified && !ownHost())
    return makeError(Errc::Unavailable,
                     place_.describe() + ": http.smtpauthpassword is sent over trusted TLS only");
  const auto offered = extensions_.find("AUTH");
  const std::string list = offered == extensions_.end() ? "" : ascii::toUpper(offered->second);
  const auto mechanisms = ascii::words(list);
  for (const std::string_view mechanism : {"PLAIN", "LOGIN"})
    if (std::find(mechanisms.begin(), mechanisms.end(), mechanism) != mechanisms.end())
      return authenticate(mechanism);
  return makeError(Errc::Unavailable,
                   place_.describe() + " offers neither AUTH PLAIN nor AUTH LOGIN for http.smtpauthuser");
}

Status SmtpExchange::open() {
  const bool fromTheFirst = settings_.tls == SmtpSettings::Tls::FromTheFirst;
  PH_CHECK(connect(fromTheFirst ? settings_.verified.get() : nullptr));
  if (fromTheFirst) trust_ = Trust::Verified;
  PH_CHECK(greet());
  PH_CHECK(encrypt());
  return logIn();
}

Status SmtpExchange::checkExtensions(const SmtpLetter& letter) const {
  if (letter.eightBit && !offers("8BITMIME"))
    return forClient(Errc::Unsupported,
                     "The mail server takes messages of 7 bit only, and this one is of 8 bit.");
  bool dsn = !letter.envelope.fromParameters.empty();
  for (const Envelope::Recipient& to : letter.envelope.to) dsn = dsn || !to.parameters.empty();
  if (dsn && !offers("DSN"))
    return forClient(Errc::Unsupported,
                     "The mail server does not offer delivery status notifications (DSN).");
  return okStatus();
}

/// RFC 1870 4; 0: no bound that is told.
std::uint64_t SmtpExchange::mostOctets() const {
  const auto size = extensions_.find("SIZE");
  return size == extensions_.end() ? 0 : ascii::number(ascii::trim(size->second)).value_or(0);
}

Result<SmtpReply> SmtpExchange::mail(const SmtpLetter& letter) {
  std::string command = "MAIL FROM:<" + letter.envelope.from + ">";
  if (offers("SIZE")) command.append(" SIZE=" + std::to_string(letter.octets));
  if (letter.eightBit) command.append(" BODY=8BITMIME");
  return talk_->ask(withParameters(std::move(command), letter.envelope.fromParameters), settings_.command);
}

Result<std::vector<SmtpReply>> SmtpExchange::recipients(const Envelope& envelope) {
  const std::size_t step = offers("PIPELINING") ? kPipelined : 1;
  std::vector<SmtpReply> out;
  while (out.size() < envelope.to.size()) {
    const std::size_t end = std::min(out.size() + step, envelope.to.size());
    std::string commands;
    for (std::size_t i = out.size(); i < end; ++i)
      commands.append(withParameters("RCPT TO:<" + envelope.to[i].address + ">", envelope.to[i].parameters))
          .append("\r\n");
    PH_CHECK(talk_->say(commands, settings_.command));
    while (out.size() < end) {
      PH_TRY(SmtpReply reply, talk_->reply(settings_.command));
      out.push_back(std::move(reply));
    }
  }
  return out;
}

Status SmtpExchange::pour(const Source& message) {
  DotStuffing dots;
  for (;;) {
    PH_TRY(const Bytes window, message());
    Bytes out;
    if (window.empty()) {
      dots.finish(out);
      return talk_->say(out, settings_.command);
    }
    dots.feed(window, out);
    PH_CHECK(talk_->say(out, settings_.command));
  }
}

Result<SmtpReply> SmtpExchange::data(const Source& message) {
  PH_TRY(SmtpReply ready, talk_->ask("DATA", settings_.command));
  if (ready.code / 100 >= 4) return ready;
  // Whoever says "250" here has not understood, and would be believed to have taken the message.
  if (ready.code != 354) return refused("DATA", ready);
  // Until the last line a message that breaks off is nobody's (RFC 5321 4.1.1.4).
  PH_CHECK(pour(message));
  mayHaveGone_ = true;
  Status said = talk_->say(".\r\n", settings_.command);
  Result<SmtpReply> reply =
      said.ok() ? talk_->reply(settings_.finish) : Result<SmtpReply>(std::move(said).error());
  if (reply.ok() && reply->code / 100 == 3) reply = refused("to end a message", *reply);
  return reply.ok() ? reply : Result<SmtpReply>(unconfirmed(reply.error()));
}

/// LMTP answers the message once for each recipient that it took (RFC 2033 4.2); the first of these is there.
Status SmtpExchange::readOthers(Sent& sent) {
  bool first = true;
  for (SmtpReply& recipient : sent.recipients) {
    if (!accepted(recipient)) continue;
    auto reply = first ? Result<SmtpReply>(sent.data) : talk_->reply(settings_.finish);
    if (!reply.ok()) return unconfirmed(reply.error());
    recipient = *std::move(reply);
    first = false;
    if (accepted(recipient)) sent.data = recipient;
  }
  return okStatus();
}

Result<Sent> SmtpExchange::run(const SmtpLetter& letter) {
  PH_CHECK(checkEnvelope(letter.envelope));
  PH_CHECK(open());
  PH_CHECK(checkExtensions(letter));
  Sent sent;
  if (mostOctets() > 0 && letter.octets > mostOctets()) {
    sent.mostOctets = mostOctets();
    return sent;
  }
  PH_TRY(const SmtpReply from, mail(letter));
  if (from.code / 100 == 5) {
    std::string said = from.text;
    std::replace(said.begin(), said.end(), '\n', ' ');
    return Error{Errc::Denied, place_.describe() + " refuses MAIL: " + ascii::printable(said),
                 "The mail server refuses this sender: " + ascii::printable(said)};
  }
  if (!accepted(from)) return refused("MAIL", from);
  PH_TRY(sent.recipients, recipients(letter.envelope));
  const bool any = std::any_of(sent.recipients.begin(), sent.recipients.end(), accepted);
  if (any) {
    PH_TRY(sent.data, data(letter.message));
    if (settings_.lmtp && mayHaveGone_) PH_CHECK(readOthers(sent));
  }
  // It has answered; whether it hears the goodbye changes nothing.
  static_cast<void>(talk_->say("QUIT\r\n", settings_.connect));
  return sent;
}

}  // namespace posthorn::mshttpd::backend
