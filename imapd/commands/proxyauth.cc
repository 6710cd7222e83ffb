// SPDX-License-Identifier: Apache-2.0
#include "common/log/logger.h"
#include "imapd/commands/commands.h"
#include "imapd/messages.h"
#include "imapd/session.h"

namespace posthorn::imapd {

/// PROXYAUTH user: an administrator or the proxy user goes on as `user` without logging in anew, with
/// everything reset as by UNAUTHENTICATE. A refusal changes nothing, and says to nobody else whether there is
/// such a user.
void commands::proxyAuth(Session& session, imap::Command&& command) {
  auto& user = std::get<imap::ProxyAuthArgs>(command.args).user;
  if (session.login().proxyUser) return session.switchUser(std::move(user));
  log::write(messages::kProxyDenied, {{"session", std::to_string(session.id().number())},
                                      {"client", session.client().text()},
                                      {"user", session.login().account.id},
                                      {"target", user.substr(0, 200)}});
  session.refused(auth::Reason::ProxyDenied);
}

}  // namespace posthorn::imapd
