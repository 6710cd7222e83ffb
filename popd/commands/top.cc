// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"
#include "popd/surrogate.h"

namespace posthorn::popd {
namespace {

/// TOP (RFC 1939 §7): the header, the blank line and the first lines of the body.
struct Top {
  struct Args {
    MessageNumber number;
    std::uint32_t lines;
  };
  static Result<Args> parse(Arguments in) {
    PH_TRY(const MessageNumber number, in.messageNumber());
    PH_TRY(const std::uint32_t lines, in.count());
    PH_CHECK(in.end());
    return Args{number, lines};
  }
  static Result<Opening> work(Maildrop& box, const Args& args) {
    PH_CHECK(box.visible(args.number));
    PH_TRY(store::MessageBody body, box.read(args.number));
    return openMessage(box, std::move(body), args.lines,
                       [](std::uint64_t) { return okReply("Top of message follows"); });
  }
  static void respond(Session& session, Opening opening) {
    if (!opening.transfer) return session.answer(std::move(opening.head));
    session.send(std::move(opening));
  }
};

}  // namespace

void commands::top(Session& session, Arguments arguments) {
  inJob<Top>(session, arguments);
}

}  // namespace posthorn::popd
