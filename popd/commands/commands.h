// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "popd/parse/command_line.h"

namespace posthorn::popd {
class Session;
}

/// One function per command, each in the file of its name; called by the table's rows on the loop thread.
namespace posthorn::popd::commands {

void auth(Session& session, Arguments arguments);
void capa(Session& session, Arguments arguments);
void dele(Session& session, Arguments arguments);
void lang(Session& session, Arguments arguments);
void list(Session& session, Arguments arguments);
void noop(Session& session, Arguments arguments);
void pass(Session& session, Arguments arguments);
void quit(Session& session, Arguments arguments);
void retr(Session& session, Arguments arguments);
void rset(Session& session, Arguments arguments);
void stat(Session& session, Arguments arguments);
void stls(Session& session, Arguments arguments);
void top(Session& session, Arguments arguments);
void uidl(Session& session, Arguments arguments);
void user(Session& session, Arguments arguments);
void utf8(Session& session, Arguments arguments);

}  // namespace posthorn::popd::commands
