// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"
#include "popd/surrogate.h"

namespace posthorn::popd {
namespace {

/// RETR (RFC 1939 §5).
struct Retr {
  struct Args {
    MessageNumber number;
  };
  static Result<Args> parse(Arguments in) {
    PH_TRY(const MessageNumber number, in.messageNumber());
    PH_CHECK(in.end());
    return Args{number};
  }
  static Result<Opening> work(Maildrop& box, const Args& args) {
    PH_CHECK(box.visible(args.number));
    PH_TRY(store::MessageBody body, box.read(args.number));
    return openMessage(box, std::move(body), std::nullopt,
                       [](std::uint64_t octets) { return okReply(std::to_string(octets) + " octets"); });
  }
  static void respond(Session& session, Opening opening) {
    if (!opening.transfer) return session.answer(std::move(opening.head));
    session.send(std::move(opening));
  }
};

}  // namespace

void commands::retr(Session& session, Arguments arguments) {
  inJob<Retr>(session, arguments);
}

}  // namespace posthorn::popd
