// SPDX-License-Identifier: Apache-2.0
#include "imapd/quota.h"

#include "common/imap/print/response.h"
#include "common/log/logger.h"
#include "common/store/quota_policy.h"
#include "imapd/messages.h"

namespace posthorn::imapd {
namespace {

constexpr std::uint64_t kUnit = 1024;  // of STORAGE

/// Usage and limit both rounded up: what fits looks as if it did.
std::uint64_t units(std::uint64_t octets) {
  return octets / kUnit + (octets % kUnit != 0 ? 1 : 0);
}

bool isLimited(const store::Quota& quota) {
  return quota.bytes >= 0 || quota.messages >= 0;
}

}  // namespace

std::string quotaRootOf(const Mail& mail) {
  return "user/" + mail.account.id();
}

Status ownRoot(const Mail& mail, std::string_view root) {
  if (root == quotaRootOf(mail)) return {};
  return Error{Errc::NotFound, "imapd: not the session's quota root", "No such quota root"};
}

Status putQuotaOf(std::string& out, const Mail& mail) {
  PH_TRY(const auto used, mail.account.used());
  const store::Quota& limits = mail.account.quota();
  imap::QuotaData data{quotaRootOf(mail), {}};
  if (limits.bytes >= 0)
    data.resources.push_back({"STORAGE", units(used.bytes), units(static_cast<std::uint64_t>(limits.bytes))});
  if (limits.messages >= 0)
    data.resources.push_back({"MESSAGE", used.messages, static_cast<std::uint64_t>(limits.messages)});
  imap::putQuota(out, data, {.utf8 = mail.features.utf8});
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

void putSoftOverQuota(std::string& out, const Mail& mail) {
  if (mail.account.options().quota.enforce || !isLimited(mail.account.quota())) return;
  const auto used = mail.account.used();
  if (!used.ok()) return;
  const store::Quota& limits = mail.account.quota();
  const auto over = [](std::uint64_t have, std::int64_t limit) {
    return limit >= 0 && have > static_cast<std::uint64_t>(limit);
  };
  if (over(used->bytes, limits.bytes) || over(used->messages, limits.messages))
    out.append("* NO [OVERQUOTA] Soft quota has been exceeded\r\n");
}

}  // namespace posthorn::imapd
