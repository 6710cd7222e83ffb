// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/update.h"

#include <atomic>
#include <set>
#include <thread>

#include "test/unit/store/objects/view.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;
using Kind = objects::EmailOutcome::Kind;

namespace {

View letter() {
  return "From: <a@example.org>\r\nSubject: hello\r\n\r\ntext\r\n";
}

std::vector<Id128> fill(MailboxHandle box, std::size_t wanted) {
  std::vector<Id128> ids;
  for (std::size_t left = wanted; left > 0;) {
    std::vector<MessageWriter> some;
    for (std::size_t i = 0; i < std::min(left, std::size_t{100}); ++i)
      some.push_back(write(box.account(), letter()));
    left -= some.size();
    must(box.append(some));
  }
  for (const MessageRow& row : rowsOf(box)) ids.push_back(row.facts.emailId);
  return ids;
}

Id128 idOf(const World& world, const std::string& box) {
  return must(world.box(box).status()).mailboxId;
}

}  // namespace

TEST_CASE("of writers who hold the same state one wins, with all that it asked for") {
  World world(anyEngine());
  const auto ids = fill(world.box(), 250);
  constexpr int kWriters = 4;
  constexpr int kRounds = 4;
  constexpr int kBoxes = 8;
  // Each moves all messages into mailboxes of its own.
  std::vector<std::vector<objects::EmailUpdate>> wishes;
  for (int writer = 0; writer < kWriters; ++writer) {
    std::vector<Id128> boxes;
    for (int i = 0; i < kBoxes; ++i) {
      const std::string name = "w" + std::to_string(writer) + "x" + std::to_string(i);
      must(world.account.create(name));
      boxes.push_back(idOf(world, name));
    }
    auto& updates = wishes.emplace_back();
    for (const Id128& id : ids) {
      updates.emplace_back().id = id;
      updates.back().setMailboxes = boxes;
      updates.back().setFlags = std::vector<objects::FlagName>{{0, "w" + std::to_string(writer)}};
    }
  }
  // It is more than one of the small commits.
  const auto parts = must(objects::updateEmails(world.account, {}, {}, wishes[0]));
  REQUIRE(parts.after > parts.before + 1);

  const Modseq began = must(world.account.modseq());
  std::atomic<std::uint64_t> wins{0};
  std::atomic<std::uint64_t> changes{0};
  std::atomic<std::uint64_t> odd{0};
  std::vector<std::thread> writers;
  writers.reserve(kWriters);
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int round = 0; round < kRounds; ++round) {
        const auto state = world.account.modseq();
        const auto done =
            objects::updateEmails(world.account, {}, *state, wishes[static_cast<std::size_t>(writer)]);
        if (!done.ok()) {
          odd += done.error().code == Errc::Conflict ? 0U : 1U;
          continue;
        }
        ++wins;
        changes += done->after - done->before;
        // One commit: nothing is between the state that was asked for and the one that has come of it.
        odd += done->before == *state && done->after <= *state + 1 ? 0U : 1U;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(odd == 0);
  CHECK(wins > 0);
  CHECK(must(world.account.modseq()) == began + changes);
  // All of the last one's, and nothing of any other's.
  const AccountView view = viewOf(world.account);
  std::set<std::pair<std::set<std::string>, std::set<Id128>>> seen;
  for (const Id128& id : ids) seen.emplace(view.emails.at(id).keywords, view.emails.at(id).mailboxes);
  CHECK(seen.size() == 1);
  CHECK(seen.begin()->first.size() == 1);
  CHECK(seen.begin()->second.size() == kBoxes);
  world.sound();
}

TEST_CASE("a thousand messages that move with an if-state are one commit, and too much is none") {
  World world("memory");
  const auto ids = fill(world.box(), 1000);
  std::vector<Id128> boxes;
  for (int i = 0; i < 200; ++i) {
    const std::string name = "box" + std::to_string(i);
    must(world.account.create(name));
    boxes.push_back(must(world.box(name).status()).mailboxId);
  }
  std::vector<objects::EmailUpdate> updates;
  for (const Id128& id : ids) {
    updates.emplace_back().id = id;
    updates.back().setMailboxes = std::vector<Id128>(boxes.begin(), boxes.begin() + 3);
    updates.back().setFlags = std::vector<objects::FlagName>{{kSeen, ""}};
  }
  Modseq state = must(world.account.modseq());
  const auto done = must(objects::updateEmails(world.account, {}, state, updates));
  CHECK(done.after == state + 1);
  CHECK(must(world.box("box2").status()).messages == ids.size());
  CHECK(must(world.box().status()).messages == 0);

  for (auto& update : updates) update.setMailboxes = boxes;
  state = must(world.account.modseq());
  CHECK(codeOf(objects::updateEmails(world.account, {}, state, updates)) == Errc::Limit);
  CHECK(must(world.account.modseq()) == state);
  CHECK(must(world.box("box199").status()).messages == 0);
}
