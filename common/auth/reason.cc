// SPDX-License-Identifier: Apache-2.0
#include "common/auth/reason.h"

namespace posthorn::auth {
namespace {

enum class Counts : std::uint8_t { No, Yes };

struct Row {
  Reason reason;
  std::string_view name;
  RefusalClass kind;
  Counts counts;  // a guess at somebody's password, rather than our trouble or a lawful user's
};

constexpr Row kRows[] = {
    {Reason::BadPassword, "bad-password", RefusalClass::AuthFailed, Counts::Yes},
    {Reason::NoSuchUser, "no-such-user", RefusalClass::AuthFailed, Counts::Yes},
    {Reason::NoPassword, "no-password", RefusalClass::AuthFailed, Counts::Yes},
    {Reason::EmptyPassword, "empty-password", RefusalClass::AuthFailed, Counts::Yes},
    {Reason::BadName, "bad-name", RefusalClass::AuthFailed, Counts::Yes},
    {Reason::PasswordTooLong, "password-too-long", RefusalClass::AuthFailed, Counts::Yes},
    {Reason::BadExchange, "bad-exchange", RefusalClass::AuthFailed, Counts::Yes},
    {Reason::MechanismDenied, "mechanism-denied", RefusalClass::Denied, Counts::No},
    {Reason::Inactive, "inactive", RefusalClass::Denied, Counts::No},
    {Reason::Deleted, "deleted", RefusalClass::Denied, Counts::No},
    {Reason::Disabled, "disabled", RefusalClass::Denied, Counts::No},
    {Reason::OnHold, "on-hold", RefusalClass::Denied, Counts::No},
    {Reason::PasswordExpired, "password-expired", RefusalClass::Denied, Counts::No},
    // The password was not looked at: a class of its own would tell that the account exists.
    {Reason::AccountLocked, "account-locked", RefusalClass::AuthFailed, Counts::Yes},
    {Reason::WrongHost, "wrong-host", RefusalClass::Denied, Counts::No},
    {Reason::ServiceDenied, "service-denied", RefusalClass::Denied, Counts::No},
    {Reason::BadServiceFilter, "bad-service-filter", RefusalClass::Denied, Counts::No},
    {Reason::ProxyDenied, "proxy-denied", RefusalClass::Denied, Counts::Yes},
    {Reason::NoSuchTarget, "no-such-target", RefusalClass::Denied, Counts::No},
    {Reason::Quarantined, "quarantined", RefusalClass::Unavailable, Counts::No},
    {Reason::Throttled, "throttled", RefusalClass::Unavailable, Counts::No},
    {Reason::Ambiguous, "ambiguous", RefusalClass::AuthFailed, Counts::Yes},
    {Reason::DamagedEntry, "damaged-entry", RefusalClass::AuthFailed, Counts::Yes},
    {Reason::Temporary, "temporary", RefusalClass::Unavailable, Counts::No},
    {Reason::Internal, "internal", RefusalClass::Unavailable, Counts::No},
};

constexpr bool inOrder() {
  for (std::size_t i = 0; i < std::size(kRows); ++i)
    if (static_cast<std::size_t>(kRows[i].reason) != i) return false;
  return std::size(kRows) == static_cast<std::size_t>(Reason::Internal) + 1;
}
static_assert(inOrder(), "one row for every reason, in the order of the enum");

const Row& rowOf(Reason reason) {
  return kRows[static_cast<std::size_t>(reason)];
}

Errc codeOf(RefusalClass kind) {
  switch (kind) {
    case RefusalClass::AuthFailed:
      return Errc::AuthFailed;
    case RefusalClass::Denied:
      return Errc::Denied;
    case RefusalClass::Unavailable:
      return Errc::Unavailable;
  }
  return Errc::Internal;
}

}  // namespace

std::string_view toString(Reason reason) {
  return rowOf(reason).name;
}

RefusalClass classOf(Reason reason) {
  return rowOf(reason).kind;
}

std::string_view clientText(RefusalClass kind) {
  switch (kind) {
    case RefusalClass::AuthFailed:
      return "Authentication failed";
    case RefusalClass::Denied:
      return "Login is not permitted";
    case RefusalClass::Unavailable:
      return "Login is not possible at the moment";
  }
  return "Login is not possible at the moment";
}

Error toError(Reason reason) {
  Error error = makeError(codeOf(classOf(reason)), std::string(toString(reason)));
  error.client = clientText(classOf(reason));
  return error;
}

bool countsAsFailure(Reason reason) {
  return rowOf(reason).counts == Counts::Yes;
}

std::optional<Reason> reasonFor(AccountStatus status) {
  switch (status) {
    case AccountStatus::Active:
    case AccountStatus::Overquota:
      return std::nullopt;
    case AccountStatus::Inactive:
      return Reason::Inactive;
    case AccountStatus::Deleted:
    case AccountStatus::Removed:
      return Reason::Deleted;
    case AccountStatus::Disabled:
      return Reason::Disabled;
    case AccountStatus::Hold:
      return Reason::OnHold;
  }
  return Reason::Inactive;
}

}  // namespace posthorn::auth
