// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/auth/account.h"
#include "common/base/result.h"
#include "common/config/snapshot.h"

namespace posthorn::auth {

/// A value of mailAllowedServiceAccess or mailDomainAllowedServiceAccess (facts 3.3), judged by service:
///   value = rule *( "$" rule )     rule = ("+" / "-") service *( "," service ) ":" client
/// Services: imap imaps pop pops smtp smtps http https smime, `*` or ALL. A connection over TLS is both `pop`
/// and `pops`; without TLS it is `pop` alone. Clients: only `*` and ALL are understood; anything else (hosts,
/// EXCEPT) is an error, because a rule that is passed over lets somebody in or locks somebody out.
class ServiceAccess {
 public:
  static Result<ServiceAccess> parse(std::string_view value);

  /// Allowing rules are looked at first and win. What no rule names is allowed, unless there are allowing
  /// rules and no denying ones.
  [[nodiscard]] bool allows(config::Service service, bool tls) const;

 private:
  std::uint32_t allowed_ = 0;
  std::uint32_t denied_ = 0;
  bool allowRules_ = false;
  bool denyRules_ = false;
};

/// The value that allows just these services (`+pop,imap:*`); no names make one that allows none.
Result<std::string> accessForServices(const std::vector<std::string_view>& names);

enum class Access : std::uint8_t { Allowed, Denied, NotUnderstood };
/// The account's own value decides; without one, its domain's; without either everything is allowed.
Access judgeAccess(const Account& account, config::Service service, bool tls);

}  // namespace posthorn::auth
