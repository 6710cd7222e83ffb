// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "common/base/locked.h"
#include "common/store/account.h"
#include "test/system/crash/account_model.h"
#include "test/system/crash/workload.h"

namespace posthorn::crash {

/// Appends (some refused by the quota), flags, expunges, copies, moves and mailboxes on whole accounts;
/// `accounts` of them, shared by the writers.
class AccountWorkload final : public Workload {
 public:
  explicit AccountWorkload(std::uint64_t accounts) : accounts_(accounts) {}
  Result<Ack> step(store::Engine& engine, std::uint64_t writer) override;
  Status check(store::Engine& engine, const std::vector<Ack>& acks) override;

 private:
  /// A writer in this process; used by one thread.
  struct Writer {
    std::uint64_t number = 0;
    std::uint64_t sequence = 0;
    std::mt19937_64 random{std::random_device{}()};
    store::MailboxNo inbox = 0;
    State state;
    Op next;
    bool refused = false;  ///< the last operation
  };
  [[nodiscard]] std::string accountOf(std::uint64_t writer) const;
  Writer& writerOf(std::uint64_t number);

  static Op choose(Writer& writer);
  static Op chooseAppend(Writer& writer);
  static Op chooseBoxes(Writer& writer);
  static Op chooseExisting(Writer& writer);

  std::uint64_t accounts_;
  Locked<std::map<std::uint64_t, std::unique_ptr<Writer>>> writers_;
};

/// Opens as Store does.
Result<store::AccountHandle> openAccount(store::Engine& engine, const std::string& id,
                                         store::Engine::Create create);

inline constexpr std::int64_t kQuotaBytes = 1'800'000;
inline constexpr std::int64_t kQuotaMessages = 90;

std::uint64_t writerOfMessage(std::uint64_t id);
std::string textOfMessage(std::uint64_t id);
/// Every name of a writer's own mailboxes begins so.
std::string prefixOf(std::uint64_t writer);

/// What is in an account, message by message, every text compared.
struct Sight {
  std::map<std::uint64_t, State> states;                   ///< by writer
  std::map<store::MailboxNo, store::MailboxStatus> boxes;  ///< of all
  std::map<store::MailboxNo, std::vector<store::MessageRow>> rows;
  store::QuotaUse sum;
};
/// `only`: this writer's part, while others go on. Corrupt (broken) for what no writer has made.
Result<Sight> look(const store::AccountHandle& account, const std::uint64_t* only);

}  // namespace posthorn::crash
