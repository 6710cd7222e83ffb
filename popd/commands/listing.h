// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "popd/adapter.h"
#include "popd/reply.h"

namespace posthorn::popd {

/// What LIST and UIDL have in common: one line about a message, or such lines about all of them. Line is a
/// ListingTransfer::Line, kTitle the text of the status line before all of them.
template <ListingTransfer::Line Line, const char* Title>
struct Listing {
  struct Args {
    std::optional<MessageNumber> number;
  };
  static Result<Args> parse(Arguments in) {
    PH_TRY(const std::optional<MessageNumber> number, in.optionalMessageNumber());
    PH_CHECK(in.end());
    return Args{number};
  }
  static Result<Opening> work(Maildrop& box, const Args& args) {
    Opening opening;
    if (args.number) {
      PH_CHECK(box.visible(*args.number));
      std::string text = std::to_string(*args.number) + " ";
      Line(box, *args.number, text);
      opening.head = okReply(text);
      return opening;
    }
    opening.head = okReply(Title);
    opening.transfer = std::make_unique<ListingTransfer>(Line);
    PH_TRY(opening.first, opening.transfer->more(box));
    return opening;
  }
  static void respond(Session& session, Opening opening) {
    if (!opening.transfer) return session.answer(std::move(opening.head));
    session.send(std::move(opening));
  }
};

}  // namespace posthorn::popd
