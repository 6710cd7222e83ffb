// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include "common/store/records.h"
#include "common/store/schema.h"
#include "test/unit/store/account/support.h"

namespace posthorn::store::test {
namespace {

using std::chrono::hours;

/// An octet for each of `size`, fields included.
MessageWriter messageOf(const World& world, std::size_t size) {
  auto writer = must(world.account.message());
  must(writer.write("Subject: x\r\n\r\n" + std::string(size - 16, 'x') + "\r\n"));
  must(writer.finish({1'700'000'000, 0}));
  REQUIRE(writer.size() == size);
  return writer;
}
QuotaVerdict deliver(const World& world, std::size_t size) {
  auto writer = messageOf(world, size);
  return must(world.box().deliver(writer)).quota.verdict;
}
void expungeAll(const World& world) {
  static_cast<void>(must(world.box().expunge(UidSet::all(), false)));
}
Options notifying() {
  Options options;
  options.quota.notify = true;
  return options;
}

}  // namespace

TEST_CASE("mail over quota waits, then goes back, until there is room", "[account][quota]") {
  for (const char* engine : {"memory", "embedded"}) {
    INFO(engine);
    World world(engine, {}, {1000, -1});
    CHECK(deliver(world, 900) == QuotaVerdict::Accept);
    CHECK(must(world.account.quotaState()).empty());
    CHECK(deliver(world, 200) == QuotaVerdict::Defer);
    const auto began = must(world.account.quotaState()).overSince;
    CHECK(began != 0);
    world.clock.advance(hours(119));
    CHECK(deliver(world, 200) == QuotaVerdict::Defer);
    CHECK(must(world.account.quotaState()).overSince == began);
    world.clock.advance(hours(1));
    CHECK(deliver(world, 200) == QuotaVerdict::Refuse);
    CHECK(must(world.account.admit({200, 1})).verdict == QuotaVerdict::Refuse);
    CHECK(must(world.account.used()) == QuotaUse{900, 1});
    expungeAll(world);
    CHECK(must(world.account.quotaState()).empty());
    CHECK(deliver(world, 900) == QuotaVerdict::Accept);
    CHECK(deliver(world, 200) == QuotaVerdict::Defer);
    world.sound();
  }
}

TEST_CASE("a question alone begins the grace period, and one that fits writes nothing", "[account][quota]") {
  World world("embedded", {}, {1000, -1});
  const auto before = must(world.account.modseq());
  CHECK(must(world.account.admit({1000, 1})).verdict == QuotaVerdict::Accept);
  CHECK(must(world.account.quotaState()).empty());
  CHECK(must(world.account.admit({1001, 1})).verdict == QuotaVerdict::Defer);
  CHECK(must(world.account.quotaState()).overSince != 0);
  CHECK(must(world.account.modseq()) == before);
  CHECK(deliver(world, 500) == QuotaVerdict::Accept);
  CHECK(must(world.account.quotaState()).empty());
}

TEST_CASE("one message passes the line with overdraft", "[account][quota]") {
  Options options;
  options.quota.overdraft = true;
  World world("embedded", options, {1000, -1});
  CHECK(deliver(world, 900) == QuotaVerdict::Accept);
  // What a question would take is not spent by it.
  CHECK(must(world.account.admit({200, 1})).verdict == QuotaVerdict::AcceptOverdraft);
  CHECK(must(world.account.quotaState()).empty());
  CHECK(deliver(world, 200) == QuotaVerdict::AcceptOverdraft);
  CHECK(must(world.account.used()).bytes == 1100);
  CHECK(deliver(world, 16) == QuotaVerdict::Defer);
  CHECK(must(world.account.admit({1, 1})).verdict == QuotaVerdict::Defer);
  // What users put there themselves has no overdraft.
  auto writer = messageOf(world, 20);
  CHECK(codeOf(world.box().append(writer)) == Errc::OverQuota);
}

TEST_CASE("a higher limit begins the grace period anew", "[account][quota]") {
  World world("embedded", {}, {1000, -1});
  CHECK(deliver(world, 1001) == QuotaVerdict::Defer);
  world.clock.advance(hours(200));
  CHECK(deliver(world, 1001) == QuotaVerdict::Refuse);
  world.account = world.open({1500, -1});
  CHECK(deliver(world, 1501) == QuotaVerdict::Defer);
}

TEST_CASE("a notice is put once an interval, whoever is faster", "[account][quota]") {
  World world("embedded", notifying(), {1000, -1});
  auto first = messageOf(world, 950);
  const auto answer = must(world.box().deliver(first)).quota;
  CHECK(answer.due == QuotaNotice::Warning);
  CHECK(answer.used == QuotaUse{950, 1});
  auto one = messageOf(world, 400);
  auto other = messageOf(world, 400);
  CHECK(must(world.box().putNotice(one, QuotaNotice::Warning)));
  CHECK_FALSE(must(world.box().putNotice(other, QuotaNotice::Warning)));
  CHECK(must(world.account.used()) == QuotaUse{1350, 2});
  // Over the line by the notice, which is exempt; the other kind may be said, too.
  CHECK(must(world.account.admit({1, 1})).due == QuotaNotice::OverQuota);
  CHECK(must(world.box().putNotice(other, QuotaNotice::OverQuota)));
  CHECK(must(world.account.admit({1, 1})).due == QuotaNotice::None);
  expungeAll(world);
  world.clock.advance(hours(24));
  CHECK(deliver(world, 950) == QuotaVerdict::Accept);
  CHECK(must(world.account.quotaState()).warnedAt != 0);
  world.clock.advance(hours(7 * 24));
  auto again = messageOf(world, 16);
  CHECK(must(world.box().deliver(again)).quota.due == QuotaNotice::Warning);
  world.sound();
}

TEST_CASE("a state that cannot be read neither stops mail nor stays", "[account][quota]") {
  World world("embedded", {}, {1000, -1});
  must(world.account.domain().commit(Sync::Durable,
                                     [](Batch& batch) { return batch.put(key::quota(), "odd"); }));
  CHECK(must(world.account.quotaState()).empty());
  CHECK(deliver(world, 900) == QuotaVerdict::Accept);
  CHECK(deliver(world, 900) == QuotaVerdict::Defer);
  CHECK(must(world.account.quotaState()).overSince != 0);
  expungeAll(world);
  world.sound();
}

TEST_CASE("the state survives a rebuild from the log", "[account][quota]") {
  World world("embedded", {}, {1000, -1});
  CHECK(deliver(world, 2000) == QuotaVerdict::Defer);
  const auto before = must(world.account.quotaState());
  world.account = AccountHandle(nullptr);
  REQUIRE(must(world.store->repair({"anna", "", {1000, -1}}, CheckDepth::Bodies)).clean());
  world.account = world.open({1000, -1});
  CHECK(must(world.account.quotaState()) == before);
}

TEST_CASE("repair counts anew what the quota counts", "[account][quota]") {
  World world("embedded", {}, {5000, -1});
  CHECK(deliver(world, 900) == QuotaVerdict::Accept);
  must(world.account.domain().commit(Sync::Durable, [](Batch& batch) -> Status {
    PH_TRY(const auto value, batch.get(key::user()));
    PH_TRY(auto user, UserRecord::decode(value));
    user.used = {4999, 7};
    return batch.put(key::user(), user.encode());
  }));
  CHECK(deliver(world, 900) == QuotaVerdict::Defer);
  CHECK_FALSE(must(check(world.account, CheckDepth::Records)).clean());
  world.account = AccountHandle(nullptr);
  const auto report = must(world.store->repair({"anna", "", {5000, -1}}, CheckDepth::Bodies));
  CHECK(report.findings.empty());
  CHECK(report.rebuilt.damage.size() == 1);
  world.account = world.open({5000, -1});
  CHECK(must(world.account.used()) == QuotaUse{900, 1});
  CHECK(deliver(world, 900) == QuotaVerdict::Accept);
  world.sound();
}

TEST_CASE("processes that deliver at once never pass the limit", "[account][quota]") {
  for (const bool overdraft : {false, true}) {
    INFO(overdraft);
    Options options;
    options.quota.overdraft = overdraft;
    World world("embedded", options, {2000, -1});
    const std::string url = world.url;
    world.account = AccountHandle(nullptr);
    world.store.reset();
    std::vector<pid_t> children;
    for (int i = 0; i < 4; ++i) {
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child > 0) {
        children.push_back(child);
        continue;
      }
      // No Catch from here on: the child only delivers and counts.
      auto store = Store::open(url, options);
      if (!store.ok()) ::_exit(100);
      auto account = store.value()->account({"anna", "", {2000, -1}}, Engine::Create::Yes);
      if (!account.ok()) ::_exit(101);
      int taken = 0;
      for (int n = 0; n < 10; ++n) {
        auto box = account.value().mailbox("INBOX");
        auto writer = account.value().message();
        if (!box.ok() || !writer.ok() ||
            !writer.value().write("Subject: x\r\n\r\n" + std::string(286, 'x')).ok() ||
            !writer.value().finish({1, 0}).ok())
          ::_exit(102);
        const auto done = box.value().deliver(writer.value());
        if (!done.ok()) ::_exit(103);
        if (accepted(done.value().quota.verdict)) ++taken;
      }
      ::_exit(taken);
    }
    int taken = 0;
    for (const pid_t child : children) {
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      REQUIRE(WIFEXITED(status));
      REQUIRE(WEXITSTATUS(status) < 100);
      taken += WEXITSTATUS(status);
    }
    // 300 octets each: six fit into 2000, and one more is the overdraft.
    CHECK(taken == (overdraft ? 7 : 6));
    world.store = must(Store::open(url, options, world.clock));
    world.account = world.open({2000, -1});
    CHECK(must(world.account.used()) ==
          QuotaUse{static_cast<std::uint64_t>(taken) * 300, static_cast<std::uint64_t>(taken)});
    world.sound();
  }
}

}  // namespace posthorn::store::test
