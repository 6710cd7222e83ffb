// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/dialer.h"
#include "common/base/locked.h"
#include "mshttpd/backend/endpoints.h"
#include "mshttpd/backend/mail_host.h"
#include "mshttpd/backend/pool.h"
#include "mshttpd/backend/talk.h"

namespace posthorn::mshttpd::backend {

/// The IMAP servers behind mshttpd: finds each account's, keeps one pool of connections for each. Any thread;
/// open() and sharedWith() block within their pool's limits. What it gave out keeps what it needs.
///
///   PH_TRY(auto hosts, Backends::make(config, logins));
///   PH_TRY(auto account, hosts->open("anna", "anna", "192.0.2.1"));
class Backends final : public MailHosts {
 public:
  /// Invalid or Unavailable when base.proxyimapcafile cannot be used.
  static Result<std::shared_ptr<Backends>> make(const config::Snapshot& config,
                                                std::shared_ptr<auth::Authenticator> logins,
                                                const Clock& clock = Clock::system());
  /// With other limits (tests).
  Backends(std::shared_ptr<Endpoints> endpoints, const Pool::Settings& limits, const Patience& patience,
           const Clock& clock);

  Result<std::unique_ptr<MailHost>> open(const std::string& user, const std::string& owner,
                                         const std::string& client) override;
  Result<std::vector<SharedAccount>> sharedWith(const std::string& user, const std::string& client) override;

  Status check(const std::string& user) override;

  [[nodiscard]] Endpoints& endpoints() { return *endpoints_; }
  /// Closes connections that were not used for long. Does not block.
  void sweep();
  struct HostCounts {
    std::string host;
    Pool::Counts counts;
  };
  [[nodiscard]] std::vector<HostCounts> counts() const;

 private:
  /// Who shares with a user, as each host has last said.
  struct Shares {
    std::map<std::string, std::vector<SharedAccount>> byHost;
    bool whole = false;  ///< all hosts have just said so
    Steady when;
    [[nodiscard]] std::vector<SharedAccount> accounts() const;
  };

  Result<std::shared_ptr<Pool>> poolOf(const std::string& host);
  Result<std::shared_ptr<Talk>> talkTo(const std::string& host, const Client& client);
  Status addShares(const std::string& host, const Client& client, std::vector<SharedAccount>& into);
  void noteDegraded(const std::string& host);

  std::shared_ptr<Endpoints> endpoints_;
  const Pool::Settings limits_;
  const Patience patience_;
  const Clock& clock_;
  std::shared_ptr<Dialer> dialer_;
  Locked<std::map<std::string, std::shared_ptr<Pool>>> pools_;
  Locked<std::map<std::string, Shares>> shares_;  // by user
  Locked<std::set<std::string>> degraded_;
};

}  // namespace posthorn::mshttpd::backend
