// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/jmap.h"
#include "common/store/objects/messages.h"
#include "imapd/commands/commands.h"
#include "imapd/jmap.h"
#include "imapd/object_id.h"

namespace posthorn::imapd {

/// XTHREADS: the messages of threads (RFC 8621 3.1).
Result<Answer> commands::xThreads(Mail& mail, const imap::jmap::ThreadsArgs& args, Request request) {
  static_cast<void>(request);
  PH_TRY(const JmapAccount target, jmapAccountOf(mail, args.owner));
  std::vector<std::uint64_t> ids;
  for (const auto& id : args.ids)
    if (const auto number = threadIdOf(id)) ids.push_back(*number);
  PH_TRY(const auto list, store::objects::threadsOf(target.account, target.asker, ids));
  Answer answer;
  for (const auto& thread : list.threads) {
    imap::jmap::ThreadInfo data;
    data.id = threadIdText(thread.id);
    for (const Id128& email : thread.emails) data.emails.push_back(emailIdText(email));
    imap::putJmap(answer.untagged, data);
  }
  answer.text = stateText(list.state);
  return answer;
}

}  // namespace posthorn::imapd
