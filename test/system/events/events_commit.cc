// SPDX-License-Identifier: Apache-2.0
// Makes changes in accounts as tools do: events_commit create|append|hint COUNT ACCOUNT...
// For each of COUNT changes, made in turn in the accounts, a line on stdout:
//   <nanoseconds before> <nanoseconds after> <account> <modseq>
// `hint` only announces; the others change the store. Runs as server.user; the configuration is
// $POSTHORN_CONFIG.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <unistd.h>

#include "common/config/snapshot.h"
#include "common/events/notifier.h"
#include "common/proc/control.h"
#include "common/proc/privileges.h"
#include "common/store/mailbox.h"
#include "common/store/store.h"

using namespace posthorn;

namespace {

long long nanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

Result<store::Modseq> change(store::Store& store, const std::string& name, std::string_view what) {
  const auto create = what == "create" ? store::Engine::Create::Yes : store::Engine::Create::No;
  PH_TRY(const auto account, store.account({name, "", {}}, create));
  if (what == "create") return account.modseq();
  PH_TRY(auto box, account.mailbox("INBOX"));
  PH_TRY(auto writer, account.message());
  PH_CHECK(writer.write("Subject: hint\r\n\r\nhint\r\n"));
  PH_CHECK(writer.finish({1'700'000'000, 0}, 0, {}));
  PH_TRY(const auto appended, box.append(writer));
  return appended.modseq;
}

Status run(std::string_view what, int count, const std::vector<std::string>& accounts) {
  const config::Loaded loaded = config::load(config::defaultFile(""));
  if (!loaded.ok()) return makeError(Errc::Invalid, loaded.report());
  PH_TRY(const auto user, proc::findUser(loaded.snapshot->get<"server.user">()));
  PH_CHECK(proc::becomeForGood(user));
  PH_TRY(const auto store, store::openStore(*loaded.snapshot));
  const auto notifier = proc::notifierFor(*loaded.snapshot);
  store->announceTo(notifier);
  for (int i = 0; i < count; ++i) {
    const std::string& name = accounts[static_cast<std::size_t>(i) % accounts.size()];
    store::Modseq modseq = 0;
    const long long before = nanoseconds();
    if (what == "hint") {
      notifier->accountChanged(name);
    } else {
      PH_TRY(modseq, change(*store, name, what));
    }
    std::printf("%lld %lld %s %llu\n", before, nanoseconds(), name.c_str(),
                static_cast<unsigned long long>(modseq));
    // A pace at which each change is a burst of its own.
    if (what != "create") std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 64;
  const auto done = run(argv[1], std::atoi(argv[2]), std::vector<std::string>(argv + 3, argv + argc));
  if (done.ok()) return 0;
  std::fprintf(stderr, "%s\n", done.error().describe().c_str());
  return 1;
}
