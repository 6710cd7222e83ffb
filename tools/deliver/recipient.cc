// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/recipient.h"

#include <utility>

#include <sysexits.h>

#include "common/base/ascii.h"
#include "common/log/logger.h"
#include "common/store/names.h"
#include "tools/deliver/messages.h"

namespace posthorn::deliver {

Recipient::Recipient(const tools::Context& context, const Options& options, std::string typed)
    : context_(context), options_(options), typed_(std::move(typed)) {}

void Recipient::fail(int status, std::string text) {
  writer_.reset();
  if (!failure_) failure_ = Failure{status, std::move(text)};
}

void Recipient::defer(const Error& error) {
  fail(EX_TEMPFAIL, error.describe());
}

void Recipient::begin(std::set<std::string>& taken) {
  const Status opened = open(taken);
  if (!opened.ok()) defer(opened.error());
}

Status Recipient::open(std::set<std::string>& taken) {
  const auto account = tools::findUser(context_, typed_);
  if (!account.ok()) {
    const Errc code = account.error().code;
    const bool unknown = code == Errc::NotFound || code == Errc::Invalid;
    fail(unknown ? EX_NOUSER : EX_TEMPFAIL, unknown ? "no such user" : account.error().describe());
    return {};
  }
  if (!taken.insert(account.value().id).second) return {};
  const auto what = auth::deliveryFor(account.value().status);
  if (what != auth::Delivery::Accept) {
    fail(what == auth::Delivery::Refuse ? EX_NOUSER : EX_TEMPFAIL,
         "the account takes no mail: its status is " +
             std::string(auth::toString(account.value().status.deciding())));
    return {};
  }
  const std::string& host = account.value().mailHost;
  if (!host.empty() && !ascii::equal(host, context_.config->hostname())) {
    fail(EX_TEMPFAIL, "the mailbox is on another host");
    return {};
  }
  PH_TRY(auto handle,
         context_.store->account(tools::requestFor(context_, account.value()), store::Engine::Create::Yes));
  auto mailbox = openMailbox(handle);
  if (!mailbox.ok()) {
    failMailbox(handle, mailbox.error());
    return {};
  }
  mailbox_ = std::move(mailbox).value();
  // Before the message is read: a user without any room is told so at once. append() decides for good.
  if (!options_.ignoreQuota) PH_CHECK(handle.roomFor({1, 1}));
  PH_TRY(auto writer, handle.message());
  writer_.emplace(std::move(writer));
  write(traceFields());
  return {};
}

/// The name is at fault only when the account answers and is not INBOX, which every account has.
void Recipient::failMailbox(const store::AccountHandle& account, const Error& error) {
  const auto name = store::normalName(options_.mailbox);
  const bool wrong = error.code == Errc::Invalid && (!name.ok() || options_.create);
  const bool missing = error.code == Errc::NotFound && name.ok() && name.value() != store::kInbox;
  const bool certain = wrong || (missing && account.used().ok());
  fail(certain ? EX_CANTCREAT : EX_TEMPFAIL,
       "mailbox " + ascii::printable(options_.mailbox) + ": " + error.describe());
}

Result<store::MailboxHandle> Recipient::openMailbox(store::AccountHandle account) {
  auto mailbox = account.mailbox(options_.mailbox);
  if (mailbox.ok() || mailbox.error().code != Errc::NotFound || !options_.create) return mailbox;
  const auto made = account.create(options_.mailbox);
  // Somebody else may have made it in between.
  if (!made.ok() && made.error().code != Errc::Exists) return made.error();
  if (made.ok()) PH_CHECK(account.subscribe(options_.mailbox, true));
  return account.mailbox(options_.mailbox);
}

std::string Recipient::traceFields() const {
  std::string fields;
  if (options_.returnPath) fields += "Return-Path: <" + *options_.returnPath + ">\r\n";
  return fields + "Delivered-To: " + ascii::printable(typed_) + "\r\n";
}

void Recipient::write(View part) {
  if (!writer_) return;
  const Status written = writer_->write(part);
  if (written.ok()) return;
  if (written.error().code == Errc::TooBig) return fail(EX_DATAERR, written.error().describe());
  defer(written.error());
}

void Recipient::finish(std::int64_t now) {
  if (writer_ && !writer_->endsWithNewline()) write("\r\n");
  if (!writer_) return;
  const Status done = commit(now);
  if (!done.ok()) defer(done.error());
}

Status Recipient::commit(std::int64_t now) {
  PH_CHECK(writer_->finish({now, 0}, options_.flags, options_.keywords));
  PH_TRY(const auto result, mailbox_->append(*writer_, options_.ignoreQuota ? store::QuotaPolicy::Ignore
                                                                            : store::QuotaPolicy::Enforce));
  log::write(kDelivered, {{"user", mailbox_->account().id()},
                          {"mailbox", options_.mailbox},
                          {"uid", std::to_string(result.uids.front())},
                          {"size", std::to_string(writer_->size())},
                          {"emailid", writer_->emailId().hex()},
                          {"authid", options_.author}});
  return {};
}

}  // namespace posthorn::deliver
