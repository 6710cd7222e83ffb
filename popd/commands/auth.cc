// SPDX-License-Identifier: Apache-2.0
#include "common/base/base64.h"
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

using auth::sasl::Mechanism;

/// One exchange, shared between the session's line handler and the steps.
using Exchange = std::shared_ptr<Mechanism>;

void follow(Session& session, const Exchange& exchange, auth::sasl::Step step);

/// A line of the exchange (RFC 5034 §4).
void onLine(Session& session, const Exchange& exchange, std::string line) {
  if (line == "*") return session.answer(errReply({}, "Authentication cancelled"));
  auto message = base64::decode(line);
  auth::wipe(line);
  if (!message) return session.answer(errReply({}, "Not base64"));
  if (message->size() > auth::sasl::kMaxMessage) return session.answer(errReply({}, "Too long"));
  follow(session, exchange, exchange->next(*message));
  auth::wipe(*message);
}

void follow(Session& session, const Exchange& exchange, auth::sasl::Step step) {
  if (const auto* challenge = std::get_if<auth::sasl::Challenge>(&step)) {
    session.stream().write("+ " + base64::encode(challenge->text) + "\r\n");
    return session.holdInput(
        [exchange](Session& to, std::string line) { onLine(to, exchange, std::move(line)); });
  }
  if (const auto* failed = std::get_if<auth::sasl::Failed>(&step))
    return session.answer(errReply(failed->reason));
  auto& shown = std::get<auth::sasl::Credentials>(step);
  auth::Attempt attempt = session.attempt(std::string(exchange->name()));
  attempt.login = std::move(shown.authcid);
  attempt.authzid = std::move(shown.authzid);
  attempt.password = std::move(shown.password);
  session.logIn(std::move(attempt));
}

/// AUTH (RFC 5034): one SASL exchange, with or without an initial response.
struct Auth {
  struct Args {
    std::string mechanism;
    std::optional<std::string> initial;  ///< decoded
  };
  static Result<Args> parse(Arguments in) {
    PH_TRY(const View mechanism, in.word());
    Args args{std::string(mechanism), std::nullopt};
    if (in.atEnd()) return args;
    PH_TRY(const View text, in.word());
    PH_CHECK(in.end());
    args.initial = text == "=" ? std::string() : base64::decode(text);
    if (!args.initial) return Error{Errc::Invalid, "initial response", "Not base64"};
    return args;
  }
  static void run(Session& session, Args args) {
    const auto& shared = session.shared();
    Exchange exchange = auth::sasl::make(args.mechanism, shared.logins->settings()->mechanisms,
                                         shared.service.plaintextmincipher, session.channel());
    if (!exchange) return session.answer(errReply({}, "Mechanism not available"));
    const auto initial = args.initial ? std::optional<std::string_view>(*args.initial) : std::nullopt;
    follow(session, exchange, exchange->start(initial));
    if (args.initial) auth::wipe(*args.initial);
  }
};

}  // namespace

void commands::auth(Session& session, Arguments arguments) {
  onSession<Auth>(session, arguments);
}

}  // namespace posthorn::popd
