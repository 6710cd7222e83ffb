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
/// of a user is remembered for kRemembered.
class Others {
 public:
  static constexpr std::chrono::seconds kRemembered{60};

  /// `barred`: accounts that no session may open now.
  Others(std::shared_ptr<store::Store> store, std::shared_ptr<auth::Authenticator> logins,
         std::shared_ptr<const config::Snapshot> config, std::function<bool(std::string_view)> barred,
         const Clock& clock = Clock::system());
  void configure(std::shared_ptr<const config::Snapshot> config);

  /// Who a user is to access lists, as the configuration is now.
  [[nodiscard]] store::Identity identity(std::string_view user) const;

  /// The account of `owner`, changed in the name of `actor`. NotFound when there is none here, or its owner
  /// has been barred from the service.
  Result<store::AccountHandle> account(std::string_view owner, std::string_view actor,
                                       store::Engine::Create create = store::Engine::Create::No);

  /// An identifier as access lists keep it, of what a client typed (RFC 4314 3): SASLprep, canonical ids.
  /// Invalid when it cannot be one, Unsupported for groups; with `known`, NotFound for users whom the
  /// directory does not know.
  Result<std::string> identifier(std::string_view typed, bool known);

 private:
  struct Known {
    store::AccountRequest request;
    Steady until;
  };
  Result<store::AccountRequest> lookUp(std::string_view owner);

  std::shared_ptr<store::Store> store_;
  std::shared_ptr<auth::Authenticator> logins_;
  Locked<std::shared_ptr<const config::Snapshot>> config_;
  std::function<bool(std::string_view)> barred_;
  const Clock& clock_;
  Locked<std::map<std::string, Known, std::less<>>> known_;
};

}  // namespace posthorn::imapd
