// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/capabilities.h"
#include "popd/commands/commands.h"

namespace posthorn::popd {
namespace {

/// CAPA (RFC 2449 §5).
struct Capa {
  static Result<NoArgs> parse(const Arguments& in) { return NoArgs::from(in); }
  static void run(Session& session, NoArgs) {
    const Shared& shared = session.shared();
    CapabilityFacts facts;
    facts.mechanisms = auth::sasl::offered(shared.logins->settings()->mechanisms,
                                           shared.service.plaintextmincipher, session.channel());
    facts.user = session.passwordsAllowed();
    facts.stls = session.mayStartTls();
    facts.loggedIn = std::holds_alternative<Transaction>(session.state());
    facts.loginDelay = shared.config->get<"pop.popminpoll">();
    facts.expire = shared.config->get<"pop.expire">();
    session.answer(capabilityResponse(facts));
  }
};

}  // namespace

void commands::capa(Session& session, Arguments arguments) {
  onSession<Capa>(session, arguments);
}

}  // namespace posthorn::popd
