// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"

namespace posthorn::imapd {

/// CHECK (RFC 3501 6.4.1): everything is durable already.
Result<Answer> commands::check(Mail& mail, const imap::NoArgs& args, Request request) {
  static_cast<void>(mail), static_cast<void>(args), static_cast<void>(request);
  return Answer{};
}

/// CLOSE (RFC 3501 6.4.2): expunges without a word, where the user may (RFC 4314 4).
Result<Answer> commands::close(Mail& mail, const imap::NoArgs& args, Request request) {
  static_cast<void>(args), static_cast<void>(request);
  Selected& box = *mail.selected;
  const bool keeps = box.readOnly || (box.rights & store::kMayExpunge) == 0;
  const auto done = keeps ? Result<store::ExpungeResult>(store::ExpungeResult{})
                          : box.box.expunge(store::UidSet::all(), true);
  if (!done.ok() && done.error().code != Errc::Conflict) return done.error();
  leave(mail);
  return Answer{};
}

/// UNSELECT (RFC 3691).
Result<Answer> commands::unselect(Mail& mail, const imap::NoArgs& args, Request request) {
  static_cast<void>(args), static_cast<void>(request);
  leave(mail);
  return Answer{};
}

}  // namespace posthorn::imapd
