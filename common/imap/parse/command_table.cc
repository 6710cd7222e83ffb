// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/command_table.h"

#include <array>

#include "common/imap/parse/commands/commands.h"

namespace posthorn::imap {
namespace {

using Name = CommandName;
namespace p = commands;

/// In the order of the enum.
constexpr std::array<CommandRow, 54> kRows{{
    {Name::Append, false, p::append},
    {Name::Authenticate, false, p::authenticate},
    {Name::Capability, false, p::none},
    {Name::Check, false, p::none},
    {Name::Close, false, p::none},
    {Name::Compress, false, p::compress},
    {Name::Copy, true, p::copy},
    {Name::Create, false, p::create},
    {Name::Delete, false, p::mailbox},
    {Name::Deleteacl, false, p::identifier},
    {Name::Enable, false, p::enable},
    {Name::Examine, false, p::select},
    {Name::Expunge, true, p::expunge},
    {Name::Fetch, true, p::fetch},
    {Name::Getacl, false, p::mailbox},
    {Name::Getjmapaccess, false, p::none},
    {Name::Getmetadata, false, p::getMetadata},
    {Name::Getquota, false, p::getQuota},
    {Name::Getquotaroot, false, p::mailbox},
    {Name::Id, false, p::id},
    {Name::Idle, false, p::none},
    {Name::List, false, p::list},
    {Name::Listrights, false, p::identifier},
    {Name::Login, false, p::login},
    {Name::Logout, false, p::none},
    {Name::Lsub, false, p::lsub},
    {Name::Move, true, p::copy},
    {Name::Myrights, false, p::mailbox},
    {Name::Namespace, false, p::none},
    {Name::Noop, false, p::none},
    {Name::Proxyauth, false, p::proxyAuth},
    {Name::Rename, false, p::rename},
    {Name::Search, true, p::search},
    {Name::Select, false, p::select},
    {Name::Setacl, false, p::setAcl},
    {Name::Setmetadata, false, p::setMetadata},
    {Name::Setquota, false, p::setQuota},
    {Name::Sort, true, p::sort},
    {Name::Starttls, false, p::none},
    {Name::Status, false, p::status},
    {Name::Store, true, p::store},
    {Name::Subscribe, false, p::mailbox},
    {Name::Thread, true, p::thread},
    {Name::Unauthenticate, false, p::none},
    {Name::Unselect, false, p::none},
    {Name::Unsubscribe, false, p::mailbox},
    {Name::XChanges, false, p::jmapChanges},
    {Name::XMailboxes, false, p::jmapMailboxes},
    {Name::XMessages, false, p::jmapMessages},
    {Name::XQuery, false, p::jmapQuery},
    {Name::XRemove, false, p::mailbox},
    {Name::XSetmetadata, false, p::swapMetadata},
    {Name::XThreads, false, p::jmapThreads},
    {Name::XUpdate, false, p::jmapUpdate},
}};

constexpr bool inOrder() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].name) != i) return false;
  return true;
}
static_assert(inOrder());

}  // namespace

const CommandRow& commandRow(CommandName name) {
  return kRows[static_cast<std::size_t>(name)];
}

}  // namespace posthorn::imap
