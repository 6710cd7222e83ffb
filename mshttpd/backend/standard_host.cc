// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/standard_host.h"

#include <utility>

namespace posthorn::mshttpd::backend {

using imap::CommandName;

namespace {

Abilities abilitiesOf(const std::set<std::string>& can) {
  Abilities abilities;
  abilities.stableIds = can.contains("OBJECTID");
  abilities.sharing = can.contains("ACL");
  abilities.metadata = can.contains("METADATA") || can.contains("METADATA-SERVER");
  abilities.specialUse = can.contains("CREATE-SPECIAL-USE");
  abilities.quota = can.contains("QUOTA");
  abilities.binary = can.contains("BINARY");
  return abilities;
}

}  // namespace

StandardHost::StandardHost(std::shared_ptr<Talk> talk, Names names, std::string owner,
                           const Abilities& abilities, std::set<std::string> capabilities)
    : ImapAccount(std::move(talk), std::move(names), std::move(owner), abilities),
      capabilities_(std::move(capabilities)) {}

Result<std::unique_ptr<MailHost>> StandardHost::open(std::shared_ptr<Talk> talk, const std::string& owner) {
  std::set<std::string> can;
  imap::NamespaceData spaces;
  PH_CHECK(talk->with(Again::Yes, [&](Connection& connection) -> Status {
    can = connection.capabilities();
    if (!can.contains("NAMESPACE")) return okStatus();
    PH_TRY(const Reply reply, connection.ask({.name = CommandName::Namespace, .args = imap::NoArgs{}}));
    for (const imap::Response& response : reply.data)
      if (const auto* data = std::get_if<imap::NamespaceData>(&response)) spaces = *data;
    return okStatus();
  }));
  auto names = Names::of(spaces, owner);
  if (!names) return makeError(Errc::Unsupported, "the server shows nobody else's mailboxes");
  const Abilities abilities = abilitiesOf(can);
  return std::unique_ptr<MailHost>(
      new StandardHost(std::move(talk), *std::move(names), owner, abilities, std::move(can)));
}

Result<Changes> StandardHost::changes(imap::jmap::DataType, const State&, std::uint32_t) {
  return makeError(Errc::Unsupported, "this IMAP server does not tell what has changed");
}

Result<Threads> StandardHost::threads(std::span<const Id> ids) {
  PH_CHECK(load());
  PH_TRY(const auto found, find(ids));
  Threads threads{.state = stateOfAll(), .threads = {}, .unknown = {}};
  for (const Id& id : ids) {
    if (found.contains(id))
      threads.threads.push_back({.id = id, .emails = {id}});
    else
      threads.unknown.push_back(id);
  }
  return threads;
}

Status StandardHost::swapMetadata(const std::string& entry, const std::optional<std::string>& before,
                                  const std::optional<std::string>& after) {
  // RFC 5464 has no way to ask for both at once.
  PH_TRY(const std::optional<std::string> now, metadata(entry));
  if (now != before) return makeError(Errc::Conflict, "somebody else has written the entry");
  return setMetadata(entry, after);
}

}  // namespace posthorn::mshttpd::backend
