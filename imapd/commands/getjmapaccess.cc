// SPDX-License-Identifier: Apache-2.0
#include "common/imap/print/response.h"
#include "imapd/commands/commands.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// GETJMAPACCESS (RFC 9698): where the same mail is to be had by JMAP.
void commands::getJmapAccess(Session& session, imap::Command&&) {
  const std::string& url = session.shared().config->get<"imap.jmapurl">();
  if (url.empty()) return session.bad("There is no JMAP server");
  Answer answer;
  imap::putJmapAccess(answer.untagged, {url});
  session.answer(answer);
}

}  // namespace posthorn::imapd
