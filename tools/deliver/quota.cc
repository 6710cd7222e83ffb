// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/quota.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/log/logger.h"
#include "tools/accounts/notice.h"
#include "tools/deliver/messages.h"

namespace posthorn::deliver {
namespace {

using store::QuotaNotice;
using store::QuotaVerdict;

std::optional<Failure> failureOf(QuotaVerdict verdict, const config::Snapshot& config) {
  if (accepted(verdict)) return std::nullopt;
  if (verdict == QuotaVerdict::Refuse)
    return Failure{Cause::GraceOver, "the account has been over its quota for store.quotagraceperiod"};
  if (config.get<"store.overquotastatus">())
    return Failure{Cause::StatusQuota, "the account takes no mail: its status is overquota"};
  return Failure{Cause::OverQuota, "the account's quota would be passed"};
}

Status notify(const store::AccountHandle& account, const store::QuotaAnswer& answer, const Holder& holder) {
  tools::Letter letter = tools::letterFor(holder.account, holder.config, account.clock().wall());
  letter.urgent = answer.due == QuotaNotice::OverQuota;
  const std::string raw =
      tools::fillNotice(holder.config.get<"store.quotaexceededmsg">(),
                        {account.id(), answer.used, account.quota(), account.options().quota, answer.due});
  PH_TRY(const bool sent, tools::putIntoInbox(account, finishLetter(raw, letter), answer.due));
  if (sent)
    log::write(kNotified, {{"user", account.id()},
                           {"kind", answer.due == QuotaNotice::OverQuota ? "over-quota" : "warning"}});
  return {};
}

/// After the delivery: it is done, or has failed, and stays so.
void notifyIfDue(const store::AccountHandle& account, const store::QuotaAnswer& answer,
                 const Holder& holder) {
  if (answer.due == QuotaNotice::None) return;
  const Status done = notify(account, answer, holder);
  if (!done.ok()) log::write(kNotNotified, {{"user", account.id()}, {"reason", done.error().describe()}});
}

}  // namespace

Result<std::optional<Failure>> admitMail(const store::AccountHandle& account, std::uint64_t octets,
                                         const Holder& holder) {
  PH_TRY(const auto answer, account.admit({std::max<std::uint64_t>(octets, 1), 1}));
  notifyIfDue(account, answer, holder);
  return failureOf(answer.verdict, holder.config);
}

Result<Taken> takeMail(store::MailboxHandle& mailbox, store::MessageWriter& message, const Holder& holder) {
  PH_TRY(auto result, mailbox.deliver(message));
  notifyIfDue(mailbox.account(), result.quota, holder);
  return Taken{failureOf(result.quota.verdict, holder.config), std::move(result.appended)};
}

}  // namespace posthorn::deliver
