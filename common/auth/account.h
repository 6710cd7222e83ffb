// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthorn::auth {

/// One value of inetDomainStatus, mailDomainStatus, inetUserStatus or mailUserStatus (facts 4.3).
enum class AccountStatus : std::uint8_t {
  Active,
  Inactive,  ///< also what an illegal value means
  Deleted,
  Removed,
  Disabled,
  Hold,
  Overquota,  ///< may log in to clean up; mail is not delivered
};

/// The value's name as in the directory; parse ignores case and knows nothing else.
std::string_view toString(AccountStatus status);
std::optional<AccountStatus> parseStatus(std::string_view text);

/// The four status attributes in the order in which they decide; a missing one is active.
struct StatusChain {
  AccountStatus inetDomain = AccountStatus::Active;
  AccountStatus mailDomain = AccountStatus::Active;
  AccountStatus inetUser = AccountStatus::Active;
  AccountStatus mailUser = AccountStatus::Active;

  /// The first that is not active; overquota, which bars nobody, only when nothing behind it does. Active
  /// when all are.
  [[nodiscard]] AccountStatus deciding() const;
};

/// What the directory knows of one account: a value, copied freely, never a password or a hash.
struct Account {
  std::string id;     ///< canonical: `uid` in the default domain, else `uid@domain`; owns the mailboxes
  std::string entry;  ///< the directory's own name for it (LDAP: the DN); only Directory reads it
  std::vector<std::string> mail;  ///< addresses, the primary one first; lower case
  std::string displayName;
  std::string mailHost;  ///< lower case; empty: not said, so the mailbox is here
  StatusChain status;
  std::optional<std::int64_t> mailQuota;     ///< bytes; 0 no room, -1 unlimited, nothing: the store's default
  std::optional<std::int64_t> mailMsgQuota;  ///< messages; likewise
  std::optional<std::string> userServices;   ///< mailAllowedServiceAccess, verbatim
  std::optional<std::string> domainServices;  ///< mailDomainAllowedServiceAccess, verbatim
  std::string partition;                      ///< mailMessageStore; empty: store.defaultpartition
  std::string preferredLanguage;              ///< empty: the site's
};

/// What becomes of mail for an account in this state (facts 4.3).
enum class Delivery : std::uint8_t { Accept, TryLater, Refuse };
Delivery deliveryFor(const StatusChain& status);

/// A quota value: digits with an optional K, M or G (times 1024 each), -1 unlimited, -2 the store's default
/// (no `amount`). Nothing on anything else and above 4096G.
struct QuotaValue {
  std::optional<std::int64_t> amount;
};
std::optional<QuotaValue> parseQuota(std::string_view text);

}  // namespace posthorn::auth
