// SPDX-License-Identifier: Apache-2.0
#include "popd/adapter.h"
#include "popd/commands/commands.h"
#include "popd/commands/listing.h"

namespace posthorn::popd {
namespace {

void appendUidl(const Maildrop& box, MessageNumber number, std::string& out) {
  out.append(box.uidl(number));
}
constexpr char kTitle[] = "Unique ids follow";

/// UIDL (RFC 1939 §7): ids that stay the same for as long as the message is there.
using Uidl = Listing<appendUidl, kTitle>;

}  // namespace

void commands::uidl(Session& session, Arguments arguments) {
  inLine<Uidl>(session, arguments);
}

}  // namespace posthorn::popd
