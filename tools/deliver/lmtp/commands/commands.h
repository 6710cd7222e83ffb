// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/deliver/lmtp/session.h"

// What the rows of the command table run; one file a command. `arguments`: what stands behind the verb.

namespace posthorn::deliver::lmtp::commands {

void bdat(Session& session, View arguments);
void data(Session& session, View arguments);
void ehlo(Session& session, View arguments);
void expn(Session& session, View arguments);
void help(Session& session, View arguments);
void lhlo(Session& session, View arguments);
void mail(Session& session, View arguments);
void noop(Session& session, View arguments);
void quit(Session& session, View arguments);
void rcpt(Session& session, View arguments);
void rset(Session& session, View arguments);
void starttls(Session& session, View arguments);
void vrfy(Session& session, View arguments);

}  // namespace posthorn::deliver::lmtp::commands
