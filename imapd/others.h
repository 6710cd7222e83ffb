// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/auth/authenticator.h"
#include "common/base/clock.h"
#include "common/base/locked.h"
#include "common/base/result.h"
#include "common/config/snapshot.h"
#include "common/store/rights.h"
#include "common/store/store.h"

namespace posthorn::imapd {

/// The way from one user's session to the accounts of others: who they are is for the directory to say, and
/// an account that is not on this host is none. One a worker; any job thread, blocks. What the directory said
/// of a user is remembered for kRemembered; that it could not answer, for kTried.
class Others {
 public:
  static constexpr std::chrono::seconds kRemembered{60};
  static constexpr std::chrono::seconds kTried{10};

  /// `barred`: accounts that no session may open now.
  Others(std::shared_ptr<store::Store> store, std::shared_ptr<auth::Authenticator> logins,
         std::shared_ptr<const config::Snapshot> config, std::function<bool(std::string_view)> barred,
         const Clock& clock = Clock::system());
  void configure(std::shared_ptr<const config::Snapshot> config);

  /// Who a user is to access lists, as the configuration is now.
  [[nodiscard]] store::Identity identity(std::string_view user) const;

  /// The account of `owner`, changed in the name of `actor`. NotFound when there is none here, or its owner
  /// has been barred from the service; Unavailable while the account itself is.
  Result<store::AccountHandle> account(std::string_view owner, std::string_view actor,
                                       store::Engine::Create create = store::Engine::Create::No);

  /// Where hints for `user` lie on this host: in his account, or, when his mail is on another one, in that of
  /// his visits, which has no room for mail. Made when it is not there yet. NotFound when there is no such
  /// user.
  Result<store::AccountHandle> hintsOf(std::string_view user, std::string_view actor);

  /// An identifier as access lists keep it, of what a client typed (RFC 4314 3): SASLprep, canonical ids.
  /// Invalid when it cannot be one, Unsupported for groups; with `known`, NotFound for users whom the
  /// directory does not know.
  Result<std::string> identifier(std::string_view typed, bool known);

 private:
  struct Known {
    Result<store::AccountRequest> request;
    Steady until;
  };
  Result<auth::Account> find(std::string_view user);
  [[nodiscard]] bool isHere(const auth::Account& account) const;
  [[nodiscard]] store::AccountRequest requestOf(const auth::Account& account) const;
  Result<store::AccountRequest> ask(std::string_view owner);
  Result<store::AccountRequest> lookUp(std::string_view owner);

  std::shared_ptr<store::Store> store_;
  std::shared_ptr<auth::Authenticator> logins_;
  Locked<std::shared_ptr<const config::Snapshot>> config_;
  std::function<bool(std::string_view)> barred_;
  const Clock& clock_;
  Locked<std::map<std::string, Known, std::less<>>> known_;
};

}  // namespace posthorn::imapd
