// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/parse/parameters.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

/// RCPT (RFC 5321 §4.1.1.3). No parameter is offered, so none is known.
void commands::rcpt(Session& session, View arguments) {
  View rest = arguments;
  const auto path = takePath("TO:", rest);
  if (!path.ok()) return session.refuse(reply(501, "5.1.3", path.error().client));
  const auto parameters = splitParameters(rest);
  if (!parameters.ok()) return session.refuse(reply(501, "5.5.4", parameters.error().client));
  if (!parameters->empty()) return session.answer(reply(555, "5.5.4", "Unknown parameter"));
  if (path->text.empty()) return session.refuse(reply(501, "5.1.3", "An address is needed"));
  if (path->utf8 && !std::get<Mail>(session.state()).utf8)
    return session.answer(reply(553, "5.6.7", "The address needs SMTPUTF8"));
  session.addRecipient(*path);
}

}  // namespace posthorn::deliver::lmtp
