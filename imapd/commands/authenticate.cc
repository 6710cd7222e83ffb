// SPDX-License-Identifier: Apache-2.0
#include "common/base/base64.h"
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {
namespace {

/// One exchange, shared between the session's line handler and the steps.
using Exchange = std::shared_ptr<auth::sasl::Mechanism>;

void follow(Session& session, const Exchange& exchange, auth::sasl::Step step);

void onLine(Session& session, const Exchange& exchange, std::string line) {
  auto answered = imap::parseSaslLine(line);
  auth::wipe(line);
  if (!answered || answered->octets.size() > auth::sasl::kMaxMessage) return session.bad("Not base64");
  if (answered->cancelled) return session.bad("Authentication cancelled");
  follow(session, exchange, exchange->next(answered->octets));
  auth::wipe(answered->octets);
}

void follow(Session& session, const Exchange& exchange, auth::sasl::Step step) {
  if (const auto* challenge = std::get_if<auth::sasl::Challenge>(&step)) {
    session.stream().write("+ " + base64::encode(challenge->text) + "\r\n");
    return session.holdInput(
        [exchange](Session& to, std::string line) { onLine(to, exchange, std::move(line)); });
  }
  if (const auto* failed = std::get_if<auth::sasl::Failed>(&step)) return session.refused(failed->reason);
  auto& shown = std::get<auth::sasl::Credentials>(step);
  auth::Attempt attempt = session.attempt(std::string(exchange->name()));
  attempt.login = std::move(shown.authcid);
  attempt.authzid = std::move(shown.authzid);
  attempt.password = std::move(shown.password);
  session.logIn(std::move(attempt));
}

}  // namespace

/// AUTHENTICATE (RFC 3501 6.2.2), with an initial response (RFC 4959).
void commands::authenticate(Session& session, imap::Command&& command) {
  auto& args = std::get<imap::AuthenticateArgs>(command.args);
  const Exchange exchange = auth::sasl::make(args.mechanism, session.shared().logins->settings()->mechanisms,
                                             session.shared().service.plaintextmincipher, session.channel());
  if (!exchange) {
    Answer answer;
    answer.status = "NO";
    answer.text = "[CANNOT] Mechanism not available";
    return session.answer(answer);
  }
  follow(session, exchange,
         exchange->start(args.initial ? std::optional<std::string_view>(*args.initial) : std::nullopt));
  if (args.initial) auth::wipe(*args.initial);
}

}  // namespace posthorn::imapd
