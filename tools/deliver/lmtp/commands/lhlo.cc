// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/commands/commands.h"
#include "tools/deliver/lmtp/reply.h"

namespace posthorn::deliver::lmtp {

namespace {

std::string extensions(Session& session) {
  const Shared& shared = session.shared();
  std::string text = "250-" + shared.site.config->hostname() + "\r\n";
  text += "250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-CHUNKING\r\n";
  if (session.mayStartTls()) text += "250-STARTTLS\r\n";
  return text + "250 SIZE " + std::to_string(shared.limits.size) + "\r\n";
}

}  // namespace

/// LHLO (RFC 2033 §4.1). CHUNKING without BINARYMIME: the store makes CRLF of a bare LF, which binary content
/// would not survive.
void commands::lhlo(Session& session, View arguments) {
  const View name = arguments.substr(0, arguments.find(View(" ")));
  if (name.empty()) return session.refuse(reply(501, "5.5.4", "Say who you are"));
  if (name.size() > 255) return session.refuse(reply(501, "5.5.4", "Name too long"));
  session.greetedBy(std::string(name));
  session.answer(extensions(session));
}

}  // namespace posthorn::deliver::lmtp
