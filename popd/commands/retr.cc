// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

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
    Opening opening;
    opening.head = okReply(std::to_string(body.size) + " octets");
    opening.transfer = std::make_unique<MessageTransfer>(std::move(body), std::nullopt);
    PH_TRY(opening.first, opening.transfer->more(box));
    return opening;
  }
  static void respond(Session& session, Opening opening) { session.send(std::move(opening)); }
};

}  // namespace

void commands::retr(Session& session, Arguments arguments) {
  inJob<Retr>(session, arguments);
}

}  // namespace posthorn::popd
