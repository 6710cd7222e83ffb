// SPDX-License-Identifier: Apache-2.0
#include "common/store/store.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include <sys/stat.h>

#include "common/base/ascii.h"
#include "common/events/notifier.h"
#include "common/store/after_loss.h"
#include "common/store/check.h"
#include "common/store/mailboxes.h"
#include "common/store/objects/memory.h"
#include "common/store/ops.h"
#include "common/store/partition_marker.h"
#include "common/store/recount_use.h"
#include "common/store/trail.h"
#include "common/store/uses.h"

namespace posthorn::store {

namespace {

Status checkId(View id) {
  const bool plain = !id.empty() && id.size() <= kMaxAccountId && id.find('/') == View::npos &&
                     std::none_of(id.begin(), id.end(), ascii::isControl) && id.front() != '.';
  return plain ? Status() : makeError(Errc::Invalid, "store: not an account id");
}

constexpr View kEmbedded = "embedded:";

/// Makes the folder of a partition without a marker when it is missing; the folder above it must be there.
Status makeFolder(View url) {
  if (url.substr(0, kEmbedded.size()) != kEmbedded) return {};
  const std::string path(url.substr(kEmbedded.size()));
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return errnoError("store: make " + path);
}

}  // namespace

Store::Store(Partitions partitions, Options options, const Clock& clock)
    : partitions_(std::move(partitions)),
      clock_(clock),
      options_(std::make_shared<const Options>(std::move(options))),
      uses_(std::make_shared<Uses>()),
      trail_(std::make_shared<Trail>()),
      memory_(std::make_shared<const objects::Memory>()) {}

Result<std::shared_ptr<Store>> Store::open(Partitions partitions, Options options, const Clock& clock) {
  if (!partitions.urls.contains(partitions.fallback))
    return makeError(Errc::Invalid, "store: the default partition has no path");
  return std::shared_ptr<Store>(new Store(std::move(partitions), std::move(options), clock));
}

Result<std::shared_ptr<Store>> Store::open(View url, Options options, const Clock& clock) {
  return open(Partitions{{{"primary", std::string(url)}}, "primary"}, std::move(options), clock);
}

void Store::configure(Options options) {
  options_.with([&](auto& kept) { kept = std::make_shared<const Options>(std::move(options)); });
}

std::shared_ptr<const Options> Store::options() const {
  return options_.with([](const auto& kept) { return kept; });
}

Store::~Store() = default;

Result<std::map<std::string, Store::Place>::iterator> Store::place(std::map<std::string, Place>& places,
                                                                   View partition) {
  const std::string name(partition.empty() ? View(partitions_.fallback) : partition);
  const auto found = places.find(name);
  if (found != places.end()) return found;
  const auto url = partitions_.urls.find(name);
  if (url == partitions_.urls.end())
    return makeError(Errc::NotFound, "store: there is no partition " + ascii::printable(name));
  Place made;
  if (!partitions_.records.empty() && View(url->second).substr(0, kEmbedded.size()) == kEmbedded)
    made.marker = std::make_unique<PartitionMarker>(name, url->second.substr(kEmbedded.size()),
                                                    partitions_.records, clock_);
  return places.emplace(name, std::move(made)).first;
}

Result<Engine*> Store::engine(View partition) {
  return places_.with([&](auto& places) -> Result<Engine*> {
    PH_TRY(const auto found, place(places, partition));
    Place& place = found->second;
    // At every use: a volume can go away under a worker that runs for months.
    if (place.marker) PH_CHECK(place.marker->check());
    if (!place.engine) {
      const std::string& url = partitions_.urls.at(found->first);
      PH_CHECK(makeFolder(url));
      PH_TRY(place.engine, openEngine(url));
    }
    return place.engine.get();
  });
}

Status Store::acceptPartition(View partition) {
  return places_.with([&](auto& places) -> Status {
    PH_TRY(const auto found, place(places, partition));
    const auto& marker = found->second.marker;
    return marker ? marker->accept() : makeError(Errc::Unsupported, "store: the partition has no marker");
  });
}

Result<AccountHandle> Store::handle(const AccountRequest& request, Engine::Create create) {
  PH_CHECK(checkId(request.id));
  PH_TRY(Engine * engine, this->engine(request.partition));
  AccountHandle::Shared shared;
  shared.id = request.id;
  PH_TRY(shared.domain, engine->open(request.id, create));
  shared.quota = request.quota;
  shared.options = options();
  shared.clock = &clock_;
  shared.partition = request.partition;
  shared.uses = uses_;
  shared.trail = trail_;
  shared.memory = memory_;
  shared.notifier = notifier_;
  shared.origin = origin_;
  return AccountHandle(std::make_shared<const AccountHandle::Shared>(std::move(shared)));
}

Result<AccountHandle> Store::account(const AccountRequest& request, Engine::Create create) {
  PH_TRY(AccountHandle account, handle(request, create));
  account.noteUse();
  if (create == Engine::Create::Yes) PH_CHECK(bootstrap(account));
  // What is left of removed mailboxes is seen by nobody, and clearing it away takes long or fails on a full
  // disk: upkeep does it, nobody waits for it here.
  PH_TRY(const auto snapshot, account.domain().snapshot());
  PH_CHECK(readUser(*snapshot));
  return account;
}

Status Store::remove(View id, View partition) {
  PH_CHECK(checkId(id));
  PH_TRY(Engine * engine, this->engine(partition));
  PH_CHECK(engine->remove(id));
  if (notifier_) notifier_->accountChanged(id);
  return {};
}

Result<std::vector<std::string>> Store::accounts(View partition) {
  PH_TRY(Engine * engine, this->engine(partition));
  std::vector<std::string> ids;
  PH_CHECK(engine->accounts([&](View id) {
    ids.emplace_back(id);
    return true;
  }));
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::string> Store::partitions() const {
  std::vector<std::string> names;
  for (const auto& [name, url] : partitions_.urls) names.push_back(name);
  return names;
}

Result<CheckReport> Store::repair(const AccountRequest& request, CheckDepth depth) {
  PH_CHECK(checkId(request.id));
  PH_TRY(Engine * engine, this->engine(request.partition));
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch());
  PH_TRY(auto rebuilt, engine->rebuild(request.id, [&](Domain& domain) {
    return leaveLostNumbers(domain, static_cast<std::uint32_t>(now.count()));
  }));
  PH_TRY(const auto account, this->account(request, Engine::Create::No));
  PH_TRY(const bool recounted, recountUse(account));
  if (recounted) rebuilt.damage.emplace_back("what the quota counts was wrong; it was counted anew");
  PH_TRY(auto report, check(account, depth));
  report.rebuilt = std::move(rebuilt);
  return report;
}

}  // namespace posthorn::store
