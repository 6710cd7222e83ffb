// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

/// NOOP (RFC 1939 §5).
struct Noop {
  static Result<NoArgs> parse(const Arguments& in) { return NoArgs::from(in); }
  static void run(Session& session, NoArgs) { session.answer(okReply("")); }
};

}  // namespace

void commands::noop(Session& session, Arguments arguments) {
  onSession<Noop>(session, arguments);
}

}  // namespace posthorn::popd
