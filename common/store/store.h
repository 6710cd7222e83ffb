// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/locked.h"
#include "common/base/result.h"
#include "common/store/account.h"
#include "common/store/engine/engine.h"
#include "common/store/types.h"
#include "common/store/uses.h"

// How the rooms above use the store:
//
//   auto store = store::openStore(config);                                    once a process, after fork
//   PH_TRY(auto account, store->account({"anna", "primary", quota}, Create::Yes));   a job; a value, moved
//   PH_TRY(auto inbox, account.mailbox("INBOX"));                             a job; a value, moved
//   PH_TRY(auto drop, Maildrop::open(account));                               POP's opening view
//
// Everything blocks and belongs into jobs. Handles are values and cheap to copy; all of them may be used from
// any thread, one call at a time.

namespace posthorn::config {
class Snapshot;
}

namespace posthorn::store {

/// Which account, where, and what it may hold (from the directory; its defaults already applied).
struct AccountRequest {
  std::string id;         ///< canonical: 1 to kMaxAccountId octets, UTF-8, no control character, no '/'
  std::string partition;  ///< empty: the default one
  Quota quota;
};

inline constexpr std::size_t kMaxAccountId = 255;

/// The account of a user of the directory; limits that the directory does not give are the configured ones.
AccountRequest requestFor(std::string id, std::string partition, std::optional<std::int64_t> bytes,
                          std::optional<std::int64_t> messages, const config::Snapshot& config);

struct CheckReport;
enum class CheckDepth : std::uint8_t;

class PartitionMarker;

/// All accounts of this host, in one or more partitions. Lives as long as the process; any thread. Every call
/// is Unavailable while the partition's volume is not mounted (partition_marker.h).
class Store {
 public:
  struct Partitions {
    std::map<std::string, std::string> urls;  ///< name to engine URL
    std::string fallback;                     ///< the name of the default one
    std::string records = {};                 ///< folder of PartitionMarker's records; empty: none are kept
  };
  static Result<std::shared_ptr<Store>> open(Partitions partitions, Options options,
                                             const Clock& clock = Clock::system());
  /// One partition, for tests and tools.
  static Result<std::shared_ptr<Store>> open(View url, Options options = {},
                                             const Clock& clock = Clock::system());
  ~Store();

  /// Applies to accounts that are opened from now on.
  void configure(Options options);
  [[nodiscard]] std::shared_ptr<const Options> options() const;

  /// Whom to tell of each change of an account, once it is durable. Before the first account is opened;
  /// without it nobody is told.
  void announceTo(std::shared_ptr<const events::Notifier> notifier) { notifier_ = std::move(notifier); }

  /// For those who have other things to tell than changes; null: nobody is told.
  [[nodiscard]] const events::Notifier* notifier() const { return notifier_.get(); }

  /// In whose name this process changes accounts. Before the first account is opened.
  void actAs(Origin origin) { origin_ = origin; }

  /// Opens an account. With Create::Yes a new one gets INBOX and the default folders, in one commit.
  /// NotFound (without Create), Invalid for an impossible id, Unsupported for a newer schema.
  Result<AccountHandle> account(const AccountRequest& request, Engine::Create create);

  /// Removes an account with all that it holds. NotFound when there is none.
  Status remove(View id, View partition = {});
  /// The ids of all accounts of a partition, sorted.
  Result<std::vector<std::string>> accounts(View partition = {});
  [[nodiscard]] std::vector<std::string> partitions() const;
  /// What lies at the partition's path is the partition from now on (partition_marker.h). NotFound when the
  /// configuration has no such partition, or there is not even a folder above it.
  Status acceptPartition(View partition);

  /// Rebuilds the account's view from its log, then checks it. No other process may use the account.
  Result<CheckReport> repair(const AccountRequest& request, CheckDepth depth);

  /// Keeps house in the accounts used since the last time (space of removed messages, files of killed
  /// processes), for about `most`, and closes those that nobody uses, so that another process can repair
  /// them. Workers call it every minute, in a job. The first error; the other accounts are kept all the same.
  /// Each account that fails is named in a log line. Removals that were interrupted are finished here.
  Status upkeep(std::chrono::microseconds most);
  /// The same for one account, whoever used it. NotFound when there is none.
  Status upkeep(const AccountRequest& request, std::chrono::microseconds most);

 private:
  Store(Partitions partitions, Options options, const Clock& clock);
  struct Place {
    std::unique_ptr<PartitionMarker> marker;  ///< null: any folder will do
    std::unique_ptr<Engine> engine;           ///< null until it is used
  };
  Result<Engine*> engine(View partition);
  Result<std::map<std::string, Place>::iterator> place(std::map<std::string, Place>& places, View partition);
  Result<AccountHandle> handle(const AccountRequest& request, Engine::Create create);

  Partitions partitions_;
  const Clock& clock_;
  Locked<std::shared_ptr<const Options>> options_;
  Locked<std::map<std::string, Place>> places_;
  const std::shared_ptr<Uses> uses_;
  const std::shared_ptr<Trail> trail_;
  const std::shared_ptr<const objects::Memory> memory_;
  std::shared_ptr<const events::Notifier> notifier_;
  Origin origin_ = Origin::Client;
};

/// Options and partitions as configured.
Options optionsFrom(const config::Snapshot& config);
Result<std::shared_ptr<Store>> openStore(const config::Snapshot& config);

}  // namespace posthorn::store
