// SPDX-License-Identifier: Apache-2.0
// A worker in the place of imapd that has sessions in the accounts named in the file `accounts` beside it.
// For each hint it reads the account's MODSEQ and writes to report/<pid> beside it:
//   <nanoseconds of the callback> <nanoseconds when the store was read> <account> <modseq>
// With a file `linger` beside it, it drains until it is told to stop; with `inflight`, it works on the
// account that the file names, for ever.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "common/events/watcher.h"
#include "common/proc/worker.h"
#include "common/store/store.h"

using namespace posthorn;

namespace {

long long nanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

class Sessions final : public proc::Worker {
 public:
  Sessions(proc::Host& host, proc::Handover handover, std::shared_ptr<store::Store> store,
           std::filesystem::path place)
      : host_(host),
        store_(std::move(store)),
        listeners_(std::move(handover.listeners)),
        watcher_(std::move(handover.watcher)),
        place_(std::move(place)),
        report_(place_ / "report" / std::to_string(::getpid())) {}

  void open() {
    std::ifstream names(place_ / "accounts");
    for (std::string name; std::getline(names, name);) {
      interests_.push_back(watcher_->watch(name, [this, name] { onChange(name); }));
      onChange(name);
    }
    std::ifstream working(place_ / "inflight");
    if (std::string name; std::getline(working, name)) {
      stats::Slot slot = host_.slot();
      inFlight_ = slot.inFlight(name);
    }
    report_ << (watcher_->hears() ? "hears" : "deaf") << std::endl;
  }

  Status applySnapshot(std::shared_ptr<const config::Snapshot>,
                       std::shared_ptr<const proc::TlsMaterial>) override {
    return {};
  }
  void drain() override {
    listeners_.clear();
    if (!std::filesystem::exists(place_ / "linger")) host_.finished();
  }
  void stop() override {
    listeners_.clear();
    host_.finished();
  }

 private:
  void onChange(const std::string& name) {
    const long long called = nanoseconds();
    const auto account = store_->account({name, "", {}}, store::Engine::Create::No);
    const auto modseq = account.ok() ? account->modseq() : Result<store::Modseq>(account.error());
    report_ << called << ' ' << nanoseconds() << ' ' << name << ' ' << (modseq.ok() ? *modseq : 0)
            << std::endl;
  }

  proc::Host& host_;
  std::shared_ptr<store::Store> store_;
  std::vector<proc::Listener> listeners_;
  std::shared_ptr<events::Watcher> watcher_;
  std::filesystem::path place_;
  std::ofstream report_;
  stats::InFlight inFlight_;
  std::vector<events::Interest> interests_;
};

}  // namespace

int main(int argc, char** argv) {
  return proc::runWorker(
      argc, argv,
      {.service = config::Service::Imap,
       .start = [](proc::Host& host, proc::Handover handover) -> Result<std::unique_ptr<proc::Worker>> {
         PH_TRY(auto store, store::openStore(*handover.config));
         store->announceTo(handover.notifier);
         const auto place = std::filesystem::read_symlink("/proc/self/exe").parent_path();
         auto sessions = std::make_unique<Sessions>(host, std::move(handover), std::move(store), place);
         sessions->open();
         return std::unique_ptr<proc::Worker>(std::move(sessions));
       }});
}
