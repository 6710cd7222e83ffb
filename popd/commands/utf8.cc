// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

/// UTF8 (RFC 6856 §2).
struct Utf8 {
  static Result<NoArgs> parse(const Arguments& in) { return NoArgs::from(in); }
  static void run(Session& session, NoArgs) {
    std::get<Authorization>(session.state()).utf8 = true;
    session.answer(okReply("UTF8 enabled"));
  }
};

}  // namespace

void commands::utf8(Session& session, Arguments arguments) {
  onSession<Utf8>(session, arguments);
}

}  // namespace posthorn::popd
