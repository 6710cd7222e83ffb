// SPDX-License-Identifier: Apache-2.0
#include "imapd/capabilities.h"

#include "common/config/idle.h"
#include "imapd/jmap.h"
#include "imapd/session.h"

namespace posthorn::imapd {
namespace {

#define PH_ATOM(text, option)                                                                          \
  {                                                                                                    \
    text, "imap.capability." option,                                                                   \
        [](const config::Snapshot& config) -> bool { return config.get<"imap.capability." option>(); } \
  }

constexpr CapabilityAtom kAtoms[] = {
    PH_ATOM("LITERAL+", "literal"),
    PH_ATOM("SASL-IR", "sasl_ir"),
    PH_ATOM("ID", "id"),
    PH_ATOM("ENABLE", "enable"),
    {"IDLE", "imap.capability.idle",
     [](const config::Snapshot& config) -> bool {
       return config.get<"imap.capability.idle">() && config::whyNoIdle(config).empty();
     }},
    PH_ATOM("NAMESPACE", "namespace"),
    PH_ATOM("UIDPLUS", "uidplus"),
    PH_ATOM("UNSELECT", "unselect"),
    PH_ATOM("CHILDREN", "children"),
    PH_ATOM("MOVE", "move"),
    PH_ATOM("SPECIAL-USE", "special_use"),
    PH_ATOM("CREATE-SPECIAL-USE", "special_use"),
    PH_ATOM("CONDSTORE", "condstore"),
    PH_ATOM("LIST-EXTENDED", "list_extended"),
    PH_ATOM("LIST-STATUS", "list_status"),
    PH_ATOM("ESEARCH", "esearch"),
    PH_ATOM("STATUS=SIZE", "status_size"),
    PH_ATOM("MULTIAPPEND", "multiappend"),
    PH_ATOM("OBJECTID", "objectid"),
    PH_ATOM("PREVIEW", "preview"),
    PH_ATOM("SAVEDATE", "savedate"),
    PH_ATOM("QUOTA", "quota"),
    PH_ATOM("QUOTA=RES-STORAGE", "quota"),
    PH_ATOM("QUOTA=RES-MESSAGE", "quota"),
    PH_ATOM("BINARY", "binary"),
    PH_ATOM("METADATA", "metadata"),
    {"JMAPACCESS", "imap.capability.jmapaccess",
     [](const config::Snapshot& config) -> bool {
       return config.get<"imap.capability.jmapaccess">() && !config.get<"imap.jmapurl">().empty();
     }},
    PH_ATOM("WITHIN", "within"),
    PH_ATOM("ACL", "acl"),
    PH_ATOM("RIGHTS=texk", "acl"),
    PH_ATOM("LIST-MYRIGHTS", "acl"),
};
#undef PH_ATOM

}  // namespace

std::span<const CapabilityAtom> capabilityTable() {
  return kAtoms;
}

std::string capabilities(const Session& session) {
  const Shared& shared = session.shared();
  std::string atoms = "IMAP4rev1";
  const auto put = [&atoms](std::string_view atom) { atoms.append(" ").append(atom); };
  for (const CapabilityAtom& atom : kAtoms) {
    // A worker that only polls would let an idling client wait for its mail.
    if (atom.text == "IDLE" && !shared.watcher->hears()) continue;
    if (atom.shown(*shared.config)) put(atom.text);
  }
  put("APPENDLIMIT=" + std::to_string(shared.config->get<"store.maxmessagesize">()));
  if (session.mayUnauthenticate()) {
    put("UNAUTHENTICATE");
    put("X-UNAUTHENTICATE");  // the name from before RFC 8437, which clients still look for
  }
  if (session.login().proxyUser) put(kJmapCapability);
  if (session.state() != kNotAuthenticated) return atoms;
  if (session.mayStartTls() && shared.config->get<"imap.capability.starttls">()) put("STARTTLS");
  // RFC 3501 6.2.3: told as long as LOGIN would be refused whatever the password.
  if (!session.passwordsAllowed()) put("LOGINDISABLED");
  const auto mechanisms = auth::sasl::offered(shared.logins->settings()->mechanisms,
                                              shared.service.plaintextmincipher, session.channel());
  for (const auto mechanism : mechanisms) put("AUTH=" + std::string(mechanism));
  return atoms;
}

}  // namespace posthorn::imapd
