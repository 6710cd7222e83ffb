// SPDX-License-Identifier: Apache-2.0
#include "common/auth/account.h"

#include <utility>

#include "common/base/ascii.h"

namespace posthorn::auth {
namespace {

constexpr std::pair<AccountStatus, std::string_view> kStatusNames[] = {
    {AccountStatus::Active, "active"},       {AccountStatus::Inactive, "inactive"},
    {AccountStatus::Deleted, "deleted"},     {AccountStatus::Removed, "removed"},
    {AccountStatus::Disabled, "disabled"},   {AccountStatus::Hold, "hold"},
    {AccountStatus::Overquota, "overquota"},
};

// Facts 4.2: "total up to 4096G".
constexpr std::uint64_t kMostQuota = 4096ULL << 30;

std::optional<std::uint64_t> unitOf(char letter) {
  switch (ascii::upper(letter)) {
    case 'K':
      return 1ULL << 10;
    case 'M':
      return 1ULL << 20;
    case 'G':
      return 1ULL << 30;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string_view toString(AccountStatus status) {
  for (const auto& [value, name] : kStatusNames)
    if (value == status) return name;
  return "inactive";
}

std::optional<AccountStatus> parseStatus(std::string_view text) {
  for (const auto& [value, name] : kStatusNames)
    if (ascii::equal(name, text)) return value;
  return std::nullopt;
}

AccountStatus StatusChain::deciding() const {
  AccountStatus milder = AccountStatus::Active;
  for (const AccountStatus status : {inetDomain, mailDomain, inetUser, mailUser}) {
    if (status == AccountStatus::Overquota) {
      milder = status;
    } else if (status != AccountStatus::Active) {
      return status;
    }
  }
  return milder;
}

Delivery deliveryFor(const StatusChain& status) {
  switch (status.deciding()) {
    case AccountStatus::Active:
      return Delivery::Accept;
    case AccountStatus::Deleted:
    case AccountStatus::Removed:
    case AccountStatus::Disabled:
      return Delivery::Refuse;
    case AccountStatus::Inactive:
    case AccountStatus::Hold:
    case AccountStatus::Overquota:
      return Delivery::TryLater;
  }
  return Delivery::TryLater;
}

std::optional<QuotaValue> parseQuota(std::string_view text) {
  if (text == "-1") return QuotaValue{-1};
  if (text == "-2") return QuotaValue{};
  std::uint64_t unit = 1;
  if (!text.empty()) {
    if (const auto found = unitOf(text.back())) {
      unit = *found;
      text.remove_suffix(1);
    }
  }
  const auto digits = ascii::number(text);
  if (!digits || *digits > kMostQuota / unit) return std::nullopt;
  return QuotaValue{static_cast<std::int64_t>(*digits * unit)};
}

}  // namespace posthorn::auth
