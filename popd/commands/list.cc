// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/commands/listing.h"

namespace posthorn::popd {
namespace {

void appendSize(const Maildrop& box, MessageNumber number, std::string& out) {
  out.append(std::to_string(box.size(number)));
}
constexpr char kTitle[] = "Sizes follow";

/// LIST (RFC 1939 §5): sizes in octets.
using List = Listing<appendSize, kTitle>;

}  // namespace

void commands::list(Session& session, Arguments arguments) {
  inLine<List>(session, arguments);
}

}  // namespace posthorn::popd
