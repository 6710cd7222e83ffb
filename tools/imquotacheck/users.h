// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "common/auth/account.h"
#include "common/base/result.h"
#include "common/store/store.h"
#include "tools/accounts/context.h"
#include "tools/imquotacheck/options.h"

namespace posthorn::imquotacheck {

/// One user whom the tool looks at.
struct User {
  auth::Account account;
  store::AccountRequest place;
  std::string domain;
  store::QuotaUse used;  ///< nothing where the user has had no mail yet
};

/// Gives each user whom the options mean to `each`, in the order of partitions and ids. What is wrong with
/// one of them is complained of and does not end it: the status of sysexits.h says so at the end.
int forUsers(const tools::Context& context, const Options& options,
             const std::function<Status(const User&)>& each);

}  // namespace posthorn::imquotacheck
