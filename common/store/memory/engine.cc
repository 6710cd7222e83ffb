// SPDX-License-Identifier: Apache-2.0
#include "common/store/memory/engine.h"

#include <map>
#include <utility>

#include "common/base/locked.h"
#include "common/store/engine/limits.h"
#include "common/store/memory/domain.h"

namespace posthorn::store {

namespace {

class MemoryEngine final : public Engine {
 public:
  Result<std::shared_ptr<Domain>> open(View account, Create create) override {
    PH_CHECK(checkAccount(account));
    return domains_.with([&](Domains& domains) -> Result<std::shared_ptr<Domain>> {
      const auto found = domains.find(account);
      if (found != domains.end()) return std::shared_ptr<Domain>(found->second);
      if (create == Create::No) return makeError(Errc::NotFound, "store: no such account");
      auto made = std::make_shared<memory::MemoryDomain>();
      domains.emplace(std::string(account), made);
      return std::shared_ptr<Domain>(std::move(made));
    });
  }

  Status remove(View account) override {
    PH_CHECK(checkAccount(account));
    return domains_.with([&](Domains& domains) -> Status {
      const auto found = domains.find(account);
      if (found == domains.end()) return makeError(Errc::NotFound, "store: no such account");
      found->second->markRemoved();
      domains.erase(found);
      return {};
    });
  }

  Status accounts(const std::function<bool(View)>& row) override {
    std::vector<std::string> names;
    domains_.with([&](Domains& domains) {
      for (const auto& [name, domain] : domains) names.push_back(name);
    });
    for (const auto& name : names)
      if (!row(name)) break;
    return {};
  }

  // The rows are their own log here: there is nothing to throw away.
  using Engine::rebuild;
  Result<RepairReport> rebuild(View account, const AfterLoss&) override {
    PH_TRY(const auto domain, open(account, Create::No));
    PH_TRY(const auto info, domain->info());
    RepairReport report;
    report.batches = info.version;
    return report;
  }

  void closeIdle() override {}

 private:
  using Domains = std::map<std::string, std::shared_ptr<memory::MemoryDomain>, std::less<>>;
  Locked<Domains> domains_;
};

}  // namespace

std::unique_ptr<Engine> openMemoryEngine() {
  return std::make_unique<MemoryEngine>();
}

}  // namespace posthorn::store
