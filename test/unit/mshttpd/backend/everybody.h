// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "common/auth/directory.h"

namespace posthorn::mshttpd::backend::test {

/// Knows everybody, all at this host.
class Everybody final : public auth::Directory {
 public:
  Result<auth::Account> find(const auth::LoginName& name) override {
    auth::Account account;
    account.id = name.user;
    return account;
  }
  Result<auth::Account> findByAddress(std::string_view) override {
    return makeError(Errc::NotFound, "not asked here");
  }
  Result<auth::PasswordCheck> verify(const auth::Account&, const auth::Secret&) override {
    return auth::PasswordCheck::Mismatch;
  }
  void verifyNobody(const auth::Secret&) override {}
  std::uint64_t revision() override { return 1; }
};

}  // namespace posthorn::mshttpd::backend::test
