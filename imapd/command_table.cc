// SPDX-License-Identifier: Apache-2.0
#include "imapd/command_table.h"

#include <algorithm>

#include "imapd/adapter.h"
#include "imapd/commands/commands.h"

namespace posthorn::imapd {
namespace {

using imap::CommandName;
constexpr auto kNone = SyncPolicy::None;
constexpr auto kKeep = SyncPolicy::KeepNumbers;
constexpr auto kFull = SyncPolicy::Full;

constexpr CommandSpec kCommands[] = {
    {CommandName::Append, kLoggedIn, Kind::Interactive, kFull, commands::append},
    {CommandName::Authenticate, kNotAuthenticated, Kind::Interactive, kNone, commands::authenticate},
    {CommandName::Capability, kAnyState, Kind::Simple, kNone, commands::capability},
    {CommandName::Check, kSelected, Kind::Simple, kFull, inJob<imap::NoArgs, commands::check>},
    {CommandName::Close, kSelected, Kind::Simple, kNone, inJob<imap::NoArgs, commands::close>},
    {CommandName::Copy, kSelected, Kind::Simple, kFull, inJob<imap::CopyArgs, commands::copy>},
    {CommandName::Create, kLoggedIn, Kind::Simple, kFull, inJob<imap::CreateArgs, commands::create>},
    {CommandName::Delete, kLoggedIn, Kind::Simple, kFull, inJob<imap::MailboxArgs, commands::remove>},
    {CommandName::Deleteacl, kLoggedIn, Kind::Simple, kFull,
     inJob<imap::IdentifierArgs, commands::deleteAcl>},
    {CommandName::Enable, kLoggedIn, Kind::Simple, kNone, commands::enable},
    {CommandName::Examine, kLoggedIn, Kind::Simple, kNone, inJob<imap::SelectArgs, commands::examine>},
    {CommandName::Expunge, kSelected, Kind::Simple, kFull, inJob<imap::ExpungeArgs, commands::expunge>},
    {CommandName::Fetch, kSelected, Kind::Stream, kKeep, commands::fetch},
    {CommandName::Getacl, kLoggedIn, Kind::Simple, kFull, inJob<imap::MailboxArgs, commands::getAcl>},
    {CommandName::Getjmapaccess, kLoggedIn, Kind::Simple, kNone, commands::getJmapAccess},
    {CommandName::Getmetadata, kLoggedIn, Kind::Simple, kFull,
     inJob<imap::GetMetadataArgs, commands::getMetadata>},
    {CommandName::Getquota, kLoggedIn, Kind::Simple, kFull, inJob<imap::QuotaArgs, commands::getQuota>},
    {CommandName::Getquotaroot, kLoggedIn, Kind::Simple, kFull,
     inJob<imap::MailboxArgs, commands::getQuotaRoot>},
    {CommandName::Id, kAnyState, Kind::Simple, kNone, commands::id},
    {CommandName::Idle, kLoggedIn, Kind::Interactive, kFull, commands::idle},
    {CommandName::List, kLoggedIn, Kind::Simple, kFull, inJob<imap::ListArgs, commands::list>},
    {CommandName::Listrights, kLoggedIn, Kind::Simple, kFull,
     inJob<imap::IdentifierArgs, commands::listRights>},
    {CommandName::Login, kNotAuthenticated, Kind::Simple, kNone, commands::login},
    {CommandName::Logout, kAnyState, Kind::Simple, kNone, commands::logout},
    {CommandName::Lsub, kLoggedIn, Kind::Simple, kFull, inJob<imap::ListArgs, commands::lsub>},
    {CommandName::Move, kSelected, Kind::Simple, kFull, inJob<imap::CopyArgs, commands::move>},
    {CommandName::Myrights, kLoggedIn, Kind::Simple, kFull, inJob<imap::MailboxArgs, commands::myRights>},
    {CommandName::Namespace, kLoggedIn, Kind::Simple, kNone, commands::namespaces},
    {CommandName::Noop, kAnyState, Kind::Simple, kFull, commands::noop},
    {CommandName::Proxyauth, kLoggedIn, Kind::Simple, kNone, commands::proxyAuth},
    {CommandName::Rename, kLoggedIn, Kind::Simple, kFull, inJob<imap::RenameArgs, commands::rename>},
    {CommandName::Search, kSelected, Kind::Simple, kKeep, inJob<imap::SearchArgs, commands::search>},
    {CommandName::Select, kLoggedIn, Kind::Simple, kNone, inJob<imap::SelectArgs, commands::select>},
    {CommandName::Setacl, kLoggedIn, Kind::Simple, kFull, inJob<imap::SetAclArgs, commands::setAcl>},
    {CommandName::Setmetadata, kLoggedIn, Kind::Simple, kFull,
     inJob<imap::SetMetadataArgs, commands::setMetadata>},
    {CommandName::Setquota, kLoggedIn, Kind::Simple, kFull, inJob<imap::SetQuotaArgs, commands::setQuota>},
    {CommandName::Starttls, kNotAuthenticated, Kind::Interactive, kNone, commands::starttls},
    {CommandName::Status, kLoggedIn, Kind::Simple, kFull, inJob<imap::StatusArgs, commands::status>},
    {CommandName::Store, kSelected, Kind::Simple, kKeep, inJob<imap::StoreArgs, commands::store>},
    {CommandName::Subscribe, kLoggedIn, Kind::Simple, kFull, inJob<imap::MailboxArgs, commands::subscribe>},
    {CommandName::Unauthenticate, kLoggedIn, Kind::Simple, kNone, commands::unauthenticate},
    {CommandName::Unselect, kSelected, Kind::Simple, kNone, inJob<imap::NoArgs, commands::unselect>},
    {CommandName::Unsubscribe, kLoggedIn, Kind::Simple, kFull,
     inJob<imap::MailboxArgs, commands::unsubscribe>},
    {CommandName::XChanges, kLoggedIn, Kind::Simple, kFull,
     inJob<imap::jmap::ChangesArgs, commands::xChanges>},
    {CommandName::XMailboxes, kLoggedIn, Kind::Simple, kFull,
     inJob<imap::jmap::MailboxesArgs, commands::xMailboxes>},
    {CommandName::XMessages, kLoggedIn, Kind::Stream, kFull, commands::xMessages},
    {CommandName::XQuery, kLoggedIn, Kind::Simple, kFull, inJob<imap::jmap::QueryArgs, commands::xQuery>},
    {CommandName::XRemove, kLoggedIn, Kind::Simple, kFull, inJob<imap::MailboxArgs, commands::xRemove>},
    {CommandName::XSetmetadata, kLoggedIn, Kind::Simple, kFull,
     inJob<imap::SwapMetadataArgs, commands::swapMetadata>},
    {CommandName::XThreads, kLoggedIn, Kind::Simple, kFull,
     inJob<imap::jmap::ThreadsArgs, commands::xThreads>},
    {CommandName::XUpdate, kLoggedIn, Kind::Simple, kFull, inJob<imap::jmap::UpdateArgs, commands::xUpdate>},
};

constexpr bool sorted() {
  for (std::size_t i = 1; i < std::size(kCommands); ++i)
    if (kCommands[i - 1].name >= kCommands[i].name) return false;
  return true;
}
static_assert(sorted(), "the table is searched by halves");

}  // namespace

std::span<const CommandSpec> commandTable() {
  return kCommands;
}

const CommandSpec* findCommand(imap::CommandName name) {
  const auto* found =
      std::lower_bound(std::begin(kCommands), std::end(kCommands), name,
                       [](const CommandSpec& row, CommandName wanted) { return row.name < wanted; });
  return found != std::end(kCommands) && found->name == name ? found : nullptr;
}

}  // namespace posthorn::imapd
