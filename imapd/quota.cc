// SPDX-License-Identifier: Apache-2.0
#include "imapd/quota.h"

#include <algorithm>

#include "common/imap/print/response.h"
#include "common/log/logger.h"
#include "common/store/quota_policy.h"
#include "imapd/access.h"
#include "imapd/messages.h"

namespace posthorn::imapd {
namespace {

constexpr std::uint64_t kUnit = 1024;  // of STORAGE
constexpr std::string_view kRootPrefix = "user/";

/// Usage and limit both rounded up: what fits looks as if it did.
std::uint64_t units(std::uint64_t octets) {
  return octets / kUnit + (octets % kUnit != 0 ? 1 : 0);
}

bool isLimited(const store::Quota& quota) {
  return quota.bytes >= 0 || quota.messages >= 0;
}

}  // namespace

std::string quotaRootOf(const store::AccountHandle& account) {
  return std::string(kRootPrefix) + account.id();
}

Result<store::AccountHandle> accountOfRoot(const Mail& mail, std::string_view root) {
  const Error none{Errc::NotFound, "imapd: not a quota root of the session's", "No such quota root"};
  if (!root.starts_with(kRootPrefix)) return none;
  const std::string_view owner = root.substr(kRootPrefix.size());
  if (owner == mail.account.id()) return mail.account;
  auto account = accountOf(mail, owner);
  if (!account.ok() && account.error().code == Errc::NotFound) return none;
  if (!account.ok()) return account.error();
  PH_TRY(const auto visible, visibleIn(mail, *account));
  const bool reads = std::any_of(visible.begin(), visible.end(),
                                 [](const auto& box) { return (box.rights & store::kMayRead) != 0; });
  return reads ? std::move(account) : none;
}

Status putQuotaOf(std::string& out, const store::AccountHandle& account, bool utf8) {
  PH_TRY(const auto used, account.used());
  const store::Quota& limits = account.quota();
  imap::QuotaData data{quotaRootOf(account), {}};
  if (limits.bytes >= 0)
    data.resources.push_back({"STORAGE", units(used.bytes), units(static_cast<std::uint64_t>(limits.bytes))});
  if (limits.messages >= 0)
    data.resources.push_back({"MESSAGE", used.messages, static_cast<std::uint64_t>(limits.messages)});
  imap::putQuota(out, data, {.utf8 = utf8});
  return {};
}

void putQuotaAlert(std::string& out, Mail& mail) {
  const auto& rules = mail.account.options().quota;
  if (mail.quotaTold || rules.warnPercent >= 100 || !isLimited(mail.account.quota())) return;
  const auto used = mail.account.used();
  if (!used.ok()) return;
  if (levelOf(*used, mail.account.quota(), rules.warnPercent) == store::QuotaLevel::Below) return;
  mail.quotaTold = true;
  const std::string percent = std::to_string(percentOf(*used, mail.account.quota()).value_or(0));
  out.append("* NO [ALERT] Your mailbox is ").append(percent).append("% full\r\n");
  log::write(messages::kQuotaAlert, {{"user", mail.account.id()}, {"percent", percent}});
}

void putSoftOverQuota(std::string& out, const store::AccountHandle& account) {
  if (account.options().quota.enforce || !isLimited(account.quota())) return;
  const auto used = account.used();
  if (!used.ok()) return;
  const store::Quota& limits = account.quota();
  const auto over = [](std::uint64_t have, std::int64_t limit) {
    return limit >= 0 && have > static_cast<std::uint64_t>(limit);
  };
  if (over(used->bytes, limits.bytes) || over(used->messages, limits.messages))
    out.append("* NO [OVERQUOTA] Soft quota has been exceeded\r\n");
}

}  // namespace posthorn::imapd
