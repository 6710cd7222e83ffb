// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/imap/types/command.h"
#include "imapd/answer.h"
#include "imapd/mail.h"

namespace posthorn::imapd {
class Session;
}

/// One function per command, each in the file of its name.
namespace posthorn::imapd::commands {

// Loop thread.
void append(Session& session, imap::Command&& command);
void authenticate(Session& session, imap::Command&& command);
void capability(Session& session, imap::Command&& command);
void enable(Session& session, imap::Command&& command);
void fetch(Session& session, imap::Command&& command);
void getJmapAccess(Session& session, imap::Command&& command);
void id(Session& session, imap::Command&& command);
void idle(Session& session, imap::Command&& command);
void login(Session& session, imap::Command&& command);
void logout(Session& session, imap::Command&& command);
void namespaces(Session& session, imap::Command&& command);
void noop(Session& session, imap::Command&& command);
void proxyAuth(Session& session, imap::Command&& command);
void starttls(Session& session, imap::Command&& command);
void unauthenticate(Session& session, imap::Command&& command);
void xMessages(Session& session, imap::Command&& command);

// Job.
Result<Answer> check(Mail& mail, const imap::NoArgs& args, Request request);
Result<Answer> close(Mail& mail, const imap::NoArgs& args, Request request);
Result<Answer> copy(Mail& mail, const imap::CopyArgs& args, Request request);
Result<Answer> create(Mail& mail, const imap::CreateArgs& args, Request request);
Result<Answer> deleteAcl(Mail& mail, const imap::IdentifierArgs& args, Request request);
Result<Answer> examine(Mail& mail, const imap::SelectArgs& args, Request request);
Result<Answer> expunge(Mail& mail, const imap::ExpungeArgs& args, Request request);
Result<Answer> getAcl(Mail& mail, const imap::MailboxArgs& args, Request request);
Result<Answer> getMetadata(Mail& mail, const imap::GetMetadataArgs& args, Request request);
Result<Answer> getQuota(Mail& mail, const imap::QuotaArgs& args, Request request);
Result<Answer> getQuotaRoot(Mail& mail, const imap::MailboxArgs& args, Request request);
Result<Answer> list(Mail& mail, const imap::ListArgs& args, Request request);
Result<Answer> listRights(Mail& mail, const imap::IdentifierArgs& args, Request request);
Result<Answer> lsub(Mail& mail, const imap::ListArgs& args, Request request);
Result<Answer> move(Mail& mail, const imap::CopyArgs& args, Request request);
Result<Answer> myRights(Mail& mail, const imap::MailboxArgs& args, Request request);
Result<Answer> remove(Mail& mail, const imap::MailboxArgs& args, Request request);
Result<Answer> rename(Mail& mail, const imap::RenameArgs& args, Request request);
Result<Answer> search(Mail& mail, const imap::SearchArgs& args, Request request);
Result<Answer> select(Mail& mail, const imap::SelectArgs& args, Request request);
Result<Answer> setAcl(Mail& mail, const imap::SetAclArgs& args, Request request);
Result<Answer> setMetadata(Mail& mail, const imap::SetMetadataArgs& args, Request request);
Result<Answer> setQuota(Mail& mail, const imap::SetQuotaArgs& args, Request request);
Result<Answer> status(Mail& mail, const imap::StatusArgs& args, Request request);
Result<Answer> store(Mail& mail, const imap::StoreArgs& args, Request request);
Result<Answer> subscribe(Mail& mail, const imap::MailboxArgs& args, Request request);
Result<Answer> xRemove(Mail& mail, const imap::MailboxArgs& args, Request request);
Result<Answer> swapMetadata(Mail& mail, const imap::SwapMetadataArgs& args, Request request);
Result<Answer> unselect(Mail& mail, const imap::NoArgs& args, Request request);
Result<Answer> unsubscribe(Mail& mail, const imap::MailboxArgs& args, Request request);
Result<Answer> xChanges(Mail& mail, const imap::jmap::ChangesArgs& args, Request request);
Result<Answer> xMailboxes(Mail& mail, const imap::jmap::MailboxesArgs& args, Request request);
Result<Answer> xQuery(Mail& mail, const imap::jmap::QueryArgs& args, Request request);
Result<Answer> xThreads(Mail& mail, const imap::jmap::ThreadsArgs& args, Request request);
Result<Answer> xUpdate(Mail& mail, const imap::jmap::UpdateArgs& args, Request request);

}  // namespace posthorn::imapd::commands
