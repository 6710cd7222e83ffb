// SPDX-License-Identifier: Apache-2.0
#include "common/auth/reason.h"

#include <set>

#include <catch2/catch.hpp>

namespace posthorn::auth {
namespace {

TEST_CASE("every reason has its own name, and its client text tells nothing of it") {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Reason::Internal); ++i) {
    const auto reason = static_cast<Reason>(i);
    CHECK(names.insert(toString(reason)).second);
    const Error error = toError(reason);
    CHECK(error.text == toString(reason));
    CHECK(error.client == clientText(classOf(reason)));
    CHECK(error.client.find(toString(reason)) == std::string::npos);
  }
}

TEST_CASE("who does not know the password cannot tell users from others") {
  for (const Reason reason :
       {Reason::BadPassword, Reason::NoSuchUser, Reason::NoPassword, Reason::BadName, Reason::EmptyPassword,
        Reason::Ambiguous, Reason::DamagedEntry, Reason::AccountLocked, Reason::PasswordTooLong}) {
    CHECK(classOf(reason) == RefusalClass::AuthFailed);
    CHECK(countsAsFailure(reason));
  }
  CHECK(toError(Reason::BadPassword).code == Errc::AuthFailed);
  CHECK(toError(Reason::WrongHost).code == Errc::Denied);
  CHECK(toError(Reason::Temporary).code == Errc::Unavailable);
  CHECK_FALSE(countsAsFailure(Reason::Temporary));
}

TEST_CASE("statuses: who may log in and what becomes of mail") {
  const auto delivery = [](AccountStatus status) {
    StatusChain chain;
    chain.mailUser = status;
    return deliveryFor(chain);
  };
  CHECK_FALSE(reasonFor(AccountStatus::Active));
  CHECK_FALSE(reasonFor(AccountStatus::Overquota));
  CHECK(reasonFor(AccountStatus::Removed) == Reason::Deleted);
  CHECK(delivery(AccountStatus::Active) == Delivery::Accept);
  CHECK(delivery(AccountStatus::Inactive) == Delivery::TryLater);
  CHECK(delivery(AccountStatus::Hold) == Delivery::TryLater);
  CHECK(delivery(AccountStatus::Overquota) == Delivery::TryLater);
  CHECK(delivery(AccountStatus::Deleted) == Delivery::Refuse);
  CHECK(delivery(AccountStatus::Removed) == Delivery::Refuse);
  CHECK(delivery(AccountStatus::Disabled) == Delivery::Refuse);
  CHECK(parseStatus("Active") == AccountStatus::Active);
  CHECK_FALSE(parseStatus("activ"));
}

TEST_CASE("quotas have units and bounds") {
  CHECK(parseQuota("100")->amount == 100);
  CHECK(parseQuota("0")->amount == 0);
  CHECK(parseQuota("2k")->amount == 2048);
  CHECK(parseQuota("5M")->amount == 5 * 1024 * 1024);
  CHECK(parseQuota("4096G")->amount == 4096LL << 30);
  CHECK(parseQuota("-1")->amount == -1);
  REQUIRE(parseQuota("-2"));
  CHECK_FALSE(parseQuota("-2")->amount);
  for (const char* bad : {"", "M", "-3", "-1M", "1.5G", "4097G", "99999999999999999999", "1T", "0x10", "1 M"})
    CHECK_FALSE(parseQuota(bad));
}

}  // namespace
}  // namespace posthorn::auth
