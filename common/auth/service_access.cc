// SPDX-License-Identifier: Apache-2.0
#include "common/auth/service_access.h"

#include <iterator>

#include "common/base/ascii.h"

namespace posthorn::auth {
namespace {

constexpr std::string_view kServices[] = {"imap",  "imaps", "pop",   "pops", "smtp",
                                          "smtps", "http",  "https", "smime"};
constexpr std::uint32_t kEverything = (1U << std::size(kServices)) - 1;
constexpr std::size_t kMaxValue = 4096;

bool isAll(std::string_view word) {
  return word == "*" || ascii::equal(word, "ALL");
}

// 0 for a name that is no service.
std::uint32_t bitOf(std::string_view name) {
  if (isAll(name)) return kEverything;
  for (std::size_t i = 0; i < std::size(kServices); ++i)
    if (ascii::equal(kServices[i], name)) return 1U << i;
  return 0;
}

std::uint32_t bitsOf(config::Service service, bool tls) {
  switch (service) {
    case config::Service::Imap:
      return bitOf("imap") | (tls ? bitOf("imaps") : 0);
    case config::Service::Pop:
      return bitOf("pop") | (tls ? bitOf("pops") : 0);
    case config::Service::Http:
      return bitOf("http") | (tls ? bitOf("https") : 0);
    case config::Service::Lmtp:
    case config::Service::Ens:
      return 0;
  }
  return 0;
}

Error notUnderstood(std::string_view what) {
  return makeError(Errc::Invalid, "service access: " + ascii::printable(what, 80) + " is not understood");
}

}  // namespace

Result<ServiceAccess> ServiceAccess::parse(std::string_view value) {
  ServiceAccess access;
  if (value.size() > kMaxValue) return makeError(Errc::Limit, "service access: the value is too long");
  for (std::string_view rule : ascii::split(value, '$')) {
    rule = ascii::trim(rule);
    if (rule.empty() || (rule.front() != '+' && rule.front() != '-')) return notUnderstood(rule);
    const bool allow = rule.front() == '+';
    const std::size_t colon = rule.find(':');
    if (colon == std::string_view::npos || !isAll(ascii::trim(rule.substr(colon + 1))))
      return notUnderstood(rule);
    std::uint32_t bits = 0;
    for (const std::string_view name : ascii::split(rule.substr(1, colon - 1), ',')) {
      const std::uint32_t bit = bitOf(ascii::trim(name));
      if (bit == 0) return notUnderstood(rule);
      bits |= bit;
    }
    (allow ? access.allowed_ : access.denied_) |= bits;
    (allow ? access.allowRules_ : access.denyRules_) = true;
  }
  return access;
}

bool ServiceAccess::allows(config::Service service, bool tls) const {
  const std::uint32_t bits = bitsOf(service, tls);
  if (bits == 0) return false;
  if ((allowed_ & bits) != 0) return true;
  if ((denied_ & bits) != 0) return false;
  return !allowRules_ || denyRules_;
}

Result<std::string> accessForServices(const std::vector<std::string_view>& names) {
  if (names.empty()) return std::string("-*:*");
  std::string list;
  for (const std::string_view name : names) {
    if (bitOf(name) == 0)
      return makeError(Errc::Invalid, "no such service: " + ascii::printable(name, 40) +
                                          " (imap imaps pop pops smtp smtps http https smime)");
    list += (list.empty() ? "" : ",") + ascii::toLower(name);
  }
  return "+" + list + ":*";
}

Access judgeAccess(const Account& account, config::Service service, bool tls) {
  const auto& value = account.userServices ? account.userServices : account.domainServices;
  if (!value) return Access::Allowed;
  const auto access = ServiceAccess::parse(*value);
  if (!access) return Access::NotUnderstood;
  return access->allows(service, tls) ? Access::Allowed : Access::Denied;
}

}  // namespace posthorn::auth
