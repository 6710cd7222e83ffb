// SPDX-License-Identifier: Apache-2.0
#include "common/auth/reason.h"

namespace posthorn::auth {
namespace {

enum class Counts : std::uint8_t { No, Yes };

struct Row {
  Reason reason;
  RefusalClass kind;
  Counts counts;  // a guess at somebody's password, rather than our trouble or a lawful user's
  std::string_view name;
};

constexpr Row kRows[] = {
    {Reason::BadPassword, RefusalClass::AuthFailed, Counts::Yes, "bad-password"},
    {Reason::NoSuchUser, RefusalClass::AuthFailed, Counts::Yes, "no-such-user"},
    {Reason::NoPassword, RefusalClass::AuthFailed, Counts::Yes, "no-password"},
    {Reason::EmptyPassword, RefusalClass::AuthFailed, Counts::Yes, "empty-password"},
    {Reason::BadName, RefusalClass::AuthFailed, Counts::Yes, "bad-name"},
    {Reason::PasswordTooLong, RefusalClass::AuthFailed, Counts::Yes, "password-too-long"},
    {Reason::BadExchange, RefusalClass::AuthFailed, Counts::Yes, "bad-exchange"},
    {Reason::MechanismDenied, RefusalClass::Denied, Counts::No, "mechanism-denied"},
    {Reason::Inactive, RefusalClass::Denied, Counts::No, "inactive"},
    {Reason::Deleted, RefusalClass::Denied, Counts::No, "deleted"},
    {Reason::Disabled, RefusalClass::Denied, Counts::No, "disabled"},
    {Reason::OnHold, RefusalClass::Denied, Counts::No, "on-hold"},
    {Reason::PasswordExpired, RefusalClass::Denied, Counts::No, "password-expired"},
    {Reason::PasswordMustChange, RefusalClass::Denied, Counts::No, "password-must-change"},
    // The password was not looked at: a class of its own would tell that the account exists.
    {Reason::AccountLocked, RefusalClass::AuthFailed, Counts::Yes, "account-locked"},
    {Reason::WrongHost, RefusalClass::Denied, Counts::No, "wrong-host"},
    {Reason::ServiceDenied, RefusalClass::Denied, Counts::No, "service-denied"},
    {Reason::BadServiceFilter, RefusalClass::Denied, Counts::No, "bad-service-filter"},
    {Reason::ProxyDenied, RefusalClass::Denied, Counts::Yes, "proxy-denied"},
    {Reason::NoSuchTarget, RefusalClass::Denied, Counts::No, "no-such-target"},
    {Reason::Quarantined, RefusalClass::Unavailable, Counts::No, "quarantined"},
    {Reason::Throttled, RefusalClass::Unavailable, Counts::No, "throttled"},
    {Reason::Ambiguous, RefusalClass::AuthFailed, Counts::Yes, "ambiguous"},
    {Reason::DamagedEntry, RefusalClass::AuthFailed, Counts::Yes, "damaged-entry"},
    {Reason::Temporary, RefusalClass::Unavailable, Counts::No, "temporary"},
    {Reason::Internal, RefusalClass::Unavailable, Counts::No, "internal"},
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
