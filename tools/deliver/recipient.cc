// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/recipient.h"

#include <algorithm>
#include <utility>

#include "common/auth/login_name.h"
#include "common/base/ascii.h"
#include "common/log/logger.h"
#include "common/store/names.h"
#include "tools/deliver/messages.h"
#include "tools/deliver/quota.h"

namespace posthorn::deliver {
namespace {

/// An address, or a login name.
Result<auth::Account> findUser(const Site& site, const std::string& typed) {
  if (typed.find('@') != std::string::npos) return site.directory->findByAddress(typed);
  const auto name = auth::splitLogin(typed, site.names->loginSeparator, site.names->defaultDomain);
  if (!name) return makeError(Errc::Invalid, "not a user name");
  return site.directory->find(*name);
}

bool isUnknown(const Error& error) {
  return error.code == Errc::NotFound || error.code == Errc::Invalid;
}

/// The folders of `account` that are called `wanted` but for upper and lower case: an address knows none.
std::vector<std::string> alike(const std::vector<store::MailboxEntry>& list, std::string_view wanted) {
  std::vector<std::string> found;
  for (const auto& entry : list)
    if (entry.exists && ascii::equal(entry.name, wanted)) found.push_back(entry.name);
  return found;
}

}  // namespace

void Recipient::fail(Cause cause, std::string text) {
  writer_.reset();
  if (!failure_) failure_ = Failure{cause, std::move(text)};
}

Result<auth::Account> Recipient::lookUp(std::string_view separators) {
  auto account = findUser(site_, lookup_);
  if (account.ok() || !isUnknown(account.error()) || separators.empty()) return account;
  const std::size_t at = std::min(lookup_.rfind('@'), lookup_.size());
  const std::size_t sign = std::string_view(lookup_).substr(0, at).find_first_of(separators);
  if (sign == 0 || sign == std::string::npos) return account;
  detail_ = lookup_.substr(sign + 1, at - sign - 1);
  return findUser(site_, lookup_.substr(0, sign) + lookup_.substr(at));
}

void Recipient::find(const Wishes& wishes) {
  auto account = lookUp(wishes.detail);
  if (!account.ok()) {
    const bool unknown = isUnknown(account.error());
    return fail(unknown ? Cause::NoUser : Cause::Unavailable,
                unknown ? "no such user" : account.error().describe());
  }
  account_ = std::move(*account);
  const auto what = auth::deliveryFor(account_.status);
  if (what != auth::Delivery::Accept) {
    const auto status = account_.status.deciding();
    const bool quota = status == auth::AccountStatus::Overquota;
    return fail(what == auth::Delivery::Refuse ? Cause::Refused
                : quota                        ? Cause::StatusQuota
                                               : Cause::Suspended,
                "the account takes no mail: its status is " + std::string(auth::toString(status)));
  }
  const std::string& host = account_.mailHost;
  if (!host.empty() && !ascii::equal(host, site_.config->hostname()))
    fail(Cause::OtherHost, "the mailbox is on another host");
}

void Recipient::open(const Wishes& wishes, std::uint64_t octets) {
  if (failure_) return;
  const Status opened = openPlace(wishes, octets);
  if (!opened.ok()) defer(opened.error());
}

Status Recipient::openPlace(const Wishes& wishes, std::uint64_t octets) {
  const auto request = store::requestFor(account_.id, account_.partition, account_.mailQuota,
                                         account_.mailMsgQuota, *site_.config);
  PH_TRY(auto handle, site_.store->account(request, store::Engine::Create::Yes));
  auto mailbox = openMailbox(handle, wishes);
  if (!mailbox.ok()) {
    failMailbox(handle, wishes, mailbox.error());
    return {};
  }
  mailbox_ = std::move(mailbox).value();
  // By its number: an address may spell the name in several ways.
  place_ = account_.id + "\n" + std::to_string(mailbox_->number());
  // Before the message is read: a user without any room is told so at once. takeMail() decides for good.
  if (wishes.ignoreQuota) return {};
  PH_TRY(auto failure, admitMail(handle, octets, {account_, *site_.config}));
  if (failure) fail(failure->cause, std::move(failure->text));
  return {};
}

/// The name is at fault only when the account answers and is not INBOX, which every account has.
void Recipient::failMailbox(const store::AccountHandle& account, const Wishes& wishes, const Error& error) {
  const auto name = store::normalName(wishes.mailbox);
  const bool wrong = error.code == Errc::Invalid && (!name.ok() || wishes.create);
  const bool missing = error.code == Errc::NotFound && name.ok() && name.value() != store::kInbox;
  const bool certain = wrong || (missing && account.used().ok());
  fail(certain ? Cause::NoMailbox : causeOf(error.code),
       "mailbox " + ascii::printable(wishes.mailbox) + ": " + error.describe());
}

Result<store::MailboxHandle> Recipient::openMailbox(store::AccountHandle account, const Wishes& wishes) {
  if (!detail_.empty()) {
    auto folder = openFolder(account);
    if (folder.ok() || !isUnknown(folder.error())) return folder;
  }
  folder_ = wishes.mailbox;
  auto mailbox = account.mailbox(wishes.mailbox);
  if (mailbox.ok() || mailbox.error().code != Errc::NotFound || !wishes.create) return mailbox;
  const auto made = account.create(wishes.mailbox);
  // Somebody else may have made it in between.
  if (!made.ok() && made.error().code != Errc::Exists) return made.error();
  if (made.ok()) PH_CHECK(account.subscribe(wishes.mailbox, true));
  return account.mailbox(wishes.mailbox);
}

/// The folder that the address names: as it is written, else the only one that differs in case.
Result<store::MailboxHandle> Recipient::openFolder(const store::AccountHandle& account) {
  folder_ = detail_;
  auto mailbox = account.mailbox(detail_);
  if (mailbox.ok() || !isUnknown(mailbox.error())) return mailbox;
  PH_TRY(const auto list, account.list());
  const auto names = alike(list, detail_);
  if (names.size() != 1) return mailbox;
  folder_ = names.front();
  return account.mailbox(folder_);
}

void Recipient::begin(View trace) {
  if (failure_ || !mailbox_) return;
  auto writer = mailbox_->account().message();
  if (!writer.ok()) return defer(writer.error());
  writer_.emplace(std::move(*writer));
  write(trace);
}

void Recipient::write(View part) {
  if (!writer_) return;
  const Status written = writer_->write(part);
  if (!written.ok()) defer(written.error());
}

void Recipient::finish(const Wishes& wishes, std::int64_t now) {
  if (writer_ && !writer_->endsWithNewline()) write("\r\n");
  if (!writer_) return;
  const Status done = commit(wishes, now);
  if (!done.ok()) defer(done.error());
  writer_.reset();
}

Status Recipient::commit(const Wishes& wishes, std::int64_t now) {
  PH_CHECK(writer_->finish({now, 0}, wishes.flags, wishes.keywords));
  Taken taken;
  if (wishes.ignoreQuota) {
    PH_TRY(taken.appended, mailbox_->append(*writer_, store::QuotaPolicy::Ignore));
  } else {
    PH_TRY(taken, takeMail(*mailbox_, *writer_, {account_, *site_.config}));
  }
  if (taken.failure) {
    fail(taken.failure->cause, std::move(taken.failure->text));
    return {};
  }
  log::write(kDelivered, {{"user", mailbox_->account().id()},
                          {"mailbox", folder_},
                          {"uid", std::to_string(taken.appended.uids.front())},
                          {"size", std::to_string(writer_->size())},
                          {"emailid", writer_->emailId().hex()},
                          {"authid", wishes.author},
                          {"id", wishes.transaction}});
  return {};
}

}  // namespace posthorn::deliver
