// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/imap_account.h"

#include <utility>

#include "common/base/ascii.h"

namespace posthorn::mshttpd::backend {

using imap::CommandName;

namespace {

constexpr std::size_t kMostMetadata = 256UL * 1024;

}  // namespace

ImapAccount::ImapAccount(std::shared_ptr<Talk> talk, Names names, std::string owner,
                         const Abilities& abilities)
    : talk_(std::move(talk)), names_(std::move(names)), owner_(std::move(owner)), abilities_(abilities) {}

Result<std::string> ImapAccount::serverName(const std::string& name) const {
  auto found = names_.toServer(name);
  if (!found) return makeError(Errc::Invalid, "the server cannot have a mailbox of this name");
  return *std::move(found);
}

Result<Reply> ImapAccount::demand(Again again, const Request& request) {
  PH_TRY(Reply reply, talk_->ask(again, request));
  PH_CHECK(expectOk(reply));
  return reply;
}

Result<Id> ImapAccount::createMailbox(const NewMailbox& mailbox) {
  PH_TRY(const std::string name, serverName(mailbox.name));
  imap::CreateArgs args{.mailbox = {name}, .use = {}};
  if (!mailbox.specialUse.empty()) {
    if (!abilities_.specialUse)
      return makeError(Errc::Unsupported, "the server gives no special use to a mailbox");
    args.use.push_back(mailbox.specialUse);
  }
  PH_TRY(const Reply reply, demand(Again::No, {.name = CommandName::Create, .args = std::move(args)}));
  // Whoever made a mailbox usually wants to see it; servers differ in whether they subscribe by themselves.
  PH_CHECK(subscribe(mailbox.name, mailbox.subscribed));
  if (reply.done.code.kind == imap::ResponseCode::Kind::MailboxId && !reply.done.code.words.empty())
    return reply.done.code.words.front();
  return idOfMailbox(name);
}

Status ImapAccount::renameMailbox(const std::string& from, const std::string& to) {
  PH_TRY(const std::string before, serverName(from));
  PH_TRY(const std::string after, serverName(to));
  PH_CHECK(demand(Again::No, {.name = CommandName::Rename, .args = imap::RenameArgs{{before}, {after}}}));
  return okStatus();
}

Result<std::uint64_t> ImapAccount::messagesIn(const std::string& serverName) {
  PH_TRY(const Reply reply,
         demand(Again::Yes, {.name = CommandName::Status,
                             .args = imap::StatusArgs{{serverName}, {imap::StatusItem::Messages}}}));
  for (const imap::Response& response : reply.data) {
    const auto* status = std::get_if<imap::StatusData>(&response);
    if (status == nullptr) continue;
    for (const auto& [item, number] : status->numbers)
      if (item == imap::StatusItem::Messages) return number;
  }
  return makeError(Errc::Unavailable, "the server does not say how many messages there are");
}

Status ImapAccount::removeMailbox(const std::string& name, bool withMessages) {
  PH_TRY(const std::string at, serverName(name));
  if (!withMessages) {
    PH_TRY(const std::uint64_t messages, messagesIn(at));
    if (messages > 0) return makeError(Errc::Conflict, "there are messages in the mailbox");
  }
  PH_CHECK(demand(Again::No, {.name = CommandName::Delete, .args = imap::MailboxArgs{{at}}}));
  return okStatus();
}

Status ImapAccount::subscribe(const std::string& name, bool on) {
  PH_TRY(const std::string at, serverName(name));
  PH_TRY(const Reply reply,
         talk_->ask(Again::Yes, {.name = on ? CommandName::Subscribe : CommandName::Unsubscribe,
                                 .args = imap::MailboxArgs{{at}}}));
  // Some servers refuse to take away what is not there.
  return on ? expectOk(reply) : okStatus();
}

Status ImapAccount::setSpecialUse(const std::string& name, const std::string& use) {
  // RFC 6154 6: it is the value of an entry of METADATA.
  if (!abilities_.metadata || !abilities_.specialUse)
    return makeError(Errc::Unsupported, "the server does not change a mailbox's special use");
  PH_TRY(const std::string at, serverName(name));
  imap::SetMetadataArgs args{.mailbox = {at}, .entries = {}};
  args.entries.push_back({"/private/specialuse", use.empty() ? std::nullopt : std::optional(use)});
  PH_CHECK(demand(Again::No, {.name = CommandName::Setmetadata, .args = std::move(args)}));
  return okStatus();
}

Status ImapAccount::setSortOrder(const std::string& name, std::optional<std::uint32_t> order) {
  // X-POSTHORN-JMAP tells the entry with the mailbox; others would have to be asked for each.
  if (!abilities_.metadata || !abilities_.stableIds)
    return makeError(Errc::Unsupported, "the server keeps no order of mailboxes");
  PH_TRY(const std::string at, serverName(name));
  imap::SetMetadataArgs args{.mailbox = {at}, .entries = {}};
  args.entries.push_back({std::string(imap::jmap::kSortOrderEntry),
                          order ? std::optional(std::to_string(*order)) : std::nullopt});
  PH_CHECK(demand(Again::Yes, {.name = CommandName::Setmetadata, .args = std::move(args)}));
  return okStatus();
}

Result<std::vector<Grant>> ImapAccount::grants(const std::string& mailbox) {
  if (!abilities_.sharing) return makeError(Errc::Unsupported, "the server has no access lists");
  PH_TRY(const std::string at, serverName(mailbox));
  PH_TRY(const Reply reply,
         demand(Again::Yes, {.name = CommandName::Getacl, .args = imap::MailboxArgs{{at}}}));
  std::vector<Grant> grants;
  for (const imap::Response& response : reply.data)
    if (const auto* acl = std::get_if<imap::AclData>(&response))
      for (const auto& [who, rights] : acl->entries) grants.push_back({who, rights});
  return grants;
}

Status ImapAccount::grant(const std::string& mailbox, const Grant& grant) {
  if (!abilities_.sharing) return makeError(Errc::Unsupported, "the server has no access lists");
  PH_TRY(const std::string at, serverName(mailbox));
  Request request{.name = CommandName::Deleteacl, .args = imap::IdentifierArgs{{at}, grant.who}};
  if (!grant.rights.empty())
    request = {.name = CommandName::Setacl,
               .args = imap::SetAclArgs{
                   .mailbox = {at}, .identifier = grant.who, .action = {}, .rights = grant.rights}};
  PH_TRY(const Reply reply, talk_->ask(Again::Yes, request));
  return expectOk(reply);
}

Result<std::optional<std::string>> ImapAccount::metadata(const std::string& entry) {
  if (!abilities_.metadata) return std::optional<std::string>();
  imap::GetMetadataArgs args;
  args.entries.push_back(entry);
  args.maxSize = kMostMetadata;
  PH_TRY(const Reply reply, demand(Again::Yes, {.name = CommandName::Getmetadata, .args = std::move(args)}));
  for (const imap::Response& response : reply.data) {
    const auto* data = std::get_if<imap::MetadataData>(&response);
    if (data == nullptr || data->changed) continue;
    for (const auto& one : data->entries)
      if (ascii::equal(one.name, entry)) return one.value;
  }
  return std::optional<std::string>();
}

Status ImapAccount::setMetadata(const std::string& entry, const std::optional<std::string>& value) {
  if (!abilities_.metadata) return makeError(Errc::Unsupported, "the server keeps no settings (METADATA)");
  imap::SetMetadataArgs args;
  args.entries.push_back({entry, value});
  PH_CHECK(demand(Again::Yes, {.name = CommandName::Setmetadata, .args = std::move(args)}));
  return okStatus();
}

/// Of another's account one that may be read, and none where there is none (any more): his INBOX is seldom
/// shared.
Result<std::optional<std::string>> ImapAccount::mailboxForQuota() {
  if (owner_.empty()) return std::optional(names_.inbox());
  PH_TRY(const MailboxList list, mailboxes());
  for (const imap::jmap::MailboxData& data : list.mailboxes) {
    if (data.rights.find('r') == std::string::npos) continue;
    PH_TRY(std::string name, serverName(data.name.utf8));
    return std::optional(std::move(name));
  }
  return std::optional<std::string>();
}

Result<std::vector<QuotaRow>> ImapAccount::quota() {
  std::vector<QuotaRow> rows;
  if (!abilities_.quota) return rows;
  PH_TRY(const std::optional<std::string> mailbox, mailboxForQuota());
  if (!mailbox) return rows;
  PH_TRY(const Reply reply,
         demand(Again::Yes, {.name = CommandName::Getquotaroot, .args = imap::MailboxArgs{{*mailbox}}}));
  for (const imap::Response& response : reply.data) {
    const auto* data = std::get_if<imap::QuotaData>(&response);
    if (data == nullptr) continue;
    for (const auto& resource : data->resources) {
      const bool storage = ascii::equal(resource.name, "STORAGE");
      if (!storage && !ascii::equal(resource.name, "MESSAGE")) continue;
      const std::uint64_t unit = storage ? 1024 : 1;
      rows.push_back({.root = data->root,
                      .storage = storage,
                      .used = resource.usage * unit,
                      .limit = resource.limit * unit});
    }
  }
  return rows;
}

}  // namespace posthorn::mshttpd::backend
