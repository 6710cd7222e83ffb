// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/reply.h"

namespace posthorn::popd {
namespace {

/// DELE (RFC 1939 §5): marks a message; QUIT removes it.
struct Dele {
  struct Args {
    MessageNumber number;
  };
  static Result<Args> parse(Arguments in) {
    PH_TRY(const MessageNumber number, in.messageNumber());
    PH_CHECK(in.end());
    return Args{number};
  }
  static Result<MessageNumber> work(Maildrop& box, const Args& args) {
    PH_CHECK(box.visible(args.number));
    box.mark(args.number);
    return args.number;
  }
  static void respond(Session& session, MessageNumber number) {
    session.answer(okReply("Message " + std::to_string(number) + " will be deleted"));
  }
};

}  // namespace

void commands::dele(Session& session, Arguments arguments) {
  inLine<Dele>(session, arguments);
}

}  // namespace posthorn::popd
