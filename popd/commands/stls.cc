// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

/// STLS (RFC 2595 §4).
struct Stls {
  static Result<NoArgs> parse(const Arguments& in) { return NoArgs::from(in); }
  static void run(Session& session, NoArgs) {
    if (session.stream().secure() != nullptr) return session.answer(errReply({}, "TLS is active already"));
    if (!session.shared().tls) return session.answer(errReply({}, "TLS is not available"));
    if (!session.mayStartTls()) return session.answer(errReply({}, "Not after UTF8"));
    session.startTls();
  }
};

}  // namespace

void commands::stls(Session& session, Arguments arguments) {
  onSession<Stls>(session, arguments);
}

}  // namespace posthorn::popd
