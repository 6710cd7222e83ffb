// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "imapd/messages.h"
#include "imapd/search/matcher.h"

namespace posthorn::imapd::search {

Result<Found> run(const Mail& mail, const Program& program) {
  Found found;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(mail.account.clock().wall().time_since_epoch())
          .count();
  const auto columns = program.cost == Cost::Flags ? store::Columns::Flags : store::Columns::Facts;
  for (store::Uid from = 1; from != 0;) {
    PH_TRY(const auto window, mail.selected->box.window(program.base, from, columns));
    from = window.next;
    for (const auto& row : window.rows) {
      const store::MessageRow& message = row.message;
      if (mail.selected->sequence.number(message.uid) == 0) continue;
      if (!mail.wanted()) return makeError(Errc::Cancelled, "imapd: nobody waits for the search any more");
      const auto matched = Matcher(mail, program, row, now).matches();
      // A message that is gone or damaged cannot be looked into; the others can.
      const bool unreadable =
          !matched.ok() && (matched.error().code == Errc::NotFound || matched.error().code == Errc::Corrupt);
      if (!matched.ok() && !unreadable) return matched.error();
      if (!matched.ok() && matched.error().code == Errc::Corrupt)
        log::write(messages::kDamaged, {{"user", mail.selected->box.account().id()},
                                        {"mailbox", mail.selected->name},
                                        {"uid", std::to_string(message.uid)},
                                        {"error", matched.error().describe()}});
      if (unreadable || !*matched) continue;
      if (found.uids.empty()) found.first = message.modseq;
      found.last = message.modseq;
      found.uids.push_back(message.uid);
      found.highest = std::max(found.highest, message.modseq);
    }
  }
  return found;
}

}  // namespace posthorn::imapd::search
