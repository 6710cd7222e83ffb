// SPDX-License-Identifier: Apache-2.0

// Whoever knew an account at any earlier state and is told what changed since knows it as it is now.

#include <typeinfo>

#include "common/store/gone.h"
#include "test/unit/store/objects/model.h"

using namespace posthorn;
using namespace posthorn::store;
using namespace posthorn::store::test;

namespace {

/// A client's copy of one type, brought up to date as RFC 8620 5.2 says.
template <typename Id, typename Value>
void follow(std::map<Id, Value>& known, const objects::ChangeList<Id>& list, const std::map<Id, Value>& now) {
  const auto fetch = [&](const Id& id) {
    const auto found = now.find(id);
    if (found != now.end()) known[id] = found->second;
  };
  for (const Id& id : list.created) fetch(id);
  for (const Id& id : list.updated)
    if (known.contains(id)) fetch(id);
  for (const Id& id : list.destroyed) known.erase(id);
}

template <typename Id, typename Value, typename Ask>
void check(std::map<Id, Value> known, Modseq then, const std::map<Id, Value>& now, std::uint32_t most,
           Ask ask) {
  const std::map<Id, Value> before = known;
  INFO(typeid(Value).name());
  objects::Known<Id> since{then, {}};
  for (bool more = true; more;) {
    const auto answer = ask(since, most);
    INFO((answer.ok() ? std::string() : answer.error().describe()));
    REQUIRE(answer.ok());
    const auto& list = answer.value();
    if (most != 0) CHECK(list.created.size() + list.updated.size() + list.destroyed.size() <= most);
    const objects::Known<Id> next{list.newState, list.newAfter};
    if (list.more) CHECK(std::pair(next.modseq, next.after) > std::pair(since.modseq, since.after));
    if (!list.more) CHECK_FALSE(next.after);
    if (most == 0) {
      CHECK_FALSE(list.more);
      for (const Id& id : list.created) CHECK_FALSE(before.contains(id));
      for (const Id& id : list.updated) CHECK(before.contains(id));
    }
    follow(known, list, now);
    since = next;
    more = list.more;
  }
  CHECK(known == now);
}

struct Remembered {
  Modseq state = 0;
  AccountView view;
};

template <typename Id>
using Lister = Result<objects::ChangeList<Id>> (*)(const AccountHandle&, const objects::Asker&,
                                                   const objects::Known<Id>&, std::uint32_t);
template <typename Id>
auto asks(const AccountHandle& account, Lister<Id> lister) {
  return [&account, lister](const objects::Known<Id>& since, std::uint32_t most) {
    return lister(account, {}, since, most);
  };
}

void checkSince(const AccountHandle& account, const Remembered& then, const AccountView& now,
                std::uint32_t most) {
  INFO("since " << then.state << " most " << most);
  check(then.view.emails, then.state, now.emails, most, asks<Id128>(account, objects::emailChanges));
  check(then.view.threads, then.state, now.threads, most,
        asks<std::uint64_t>(account, objects::threadChanges));
  check(then.view.mailboxes, then.state, now.mailboxes, most, asks<Id128>(account, objects::mailboxChanges));
}

/// Who asks for little, and goes on only when more has happened.
template <typename Id, typename Value>
struct Straggler {
  std::map<Id, Value> known;
  objects::Known<Id> since;

  bool step(const AccountHandle& account, Lister<Id> lister, const std::map<Id, Value>& now,
            std::uint32_t most) {
    const auto list = must(lister(account, {}, since, most));
    follow(known, list, now);
    since = {list.newState, list.newAfter};
    return list.more;
  }
};
struct Stragglers {
  Straggler<Id128, EmailView> emails;
  Straggler<std::uint64_t, std::set<Id128>> threads;
  Straggler<Id128, MailboxView> mailboxes;

  bool step(const AccountHandle& account, const AccountView& now, std::uint32_t most) {
    const bool a = emails.step(account, objects::emailChanges, now.emails, most);
    const bool b = threads.step(account, objects::threadChanges, now.threads, most);
    const bool c = mailboxes.step(account, objects::mailboxChanges, now.mailboxes, most);
    return a || b || c;
  }
};

void checkReading(const AccountHandle& account, const AccountView& now) {
  std::vector<Id128> ids;
  for (const auto& [id, email] : now.emails) ids.push_back(id);
  ids.push_back(Id128::random());
  const auto infos = must(objects::emailInfos(account, {}, ids));
  REQUIRE(infos.emails.size() == now.emails.size());
  for (const auto& info : infos.emails) {
    const EmailView& email = now.emails.at(info.id);
    CHECK(info.threadId == email.thread);
    CHECK(std::set<Id128>(info.mailboxes.begin(), info.mailboxes.end()) == email.mailboxes);
    CHECK(info.flags == email.flags);
    CHECK(std::set<std::string>(info.keywords.begin(), info.keywords.end()) == email.keywords);
  }
  std::vector<std::uint64_t> threads{1};
  for (const auto& [id, members] : now.threads) threads.push_back(id);
  const auto list = must(objects::threadsOf(account, {}, threads));
  REQUIRE(list.threads.size() == now.threads.size());
  for (const auto& thread : list.threads)
    CHECK(std::set<Id128>(thread.emails.begin(), thread.emails.end()) == now.threads.at(thread.id));
  const auto mailboxes = must(objects::mailboxInfos(account, {}));
  REQUIRE(mailboxes.mailboxes.size() == now.mailboxes.size());
  for (const auto& box : mailboxes.mailboxes) {
    const MailboxView counted{box.name,   box.specialUse, box.subscribed,   box.messages,
                              box.unseen, box.threads,    box.unseenThreads};
    INFO(box.name);
    CHECK(counted == now.mailboxes.at(box.id));
  }
}

}  // namespace

TEST_CASE("changes since any state bring its view up to date") {
  const auto* const engine = GENERATE("memory", "embedded");
  const unsigned seed = GENERATE(1U, 2U, 3U);
  World world(engine);
  Chaos chaos(world, seed);
  std::vector<Remembered> history;
  const AccountView first = viewOf(world.account);
  const Modseq began = must(world.account.modseq());
  Stragglers late{{first.emails, {began, {}}}, {first.threads, {began, {}}}, {first.mailboxes, {began, {}}}};
  const int steps = std::string(engine) == "memory" ? 150 : 60;
  for (int i = 0; i < steps; ++i) {
    const AccountView now = viewOf(world.account);
    INFO("step " << i << " of seed " << seed);
    for (int j = 0; j < 3 && !history.empty(); ++j)
      checkSince(world.account, history[chaos.pick(static_cast<unsigned>(history.size()))], now,
                 j == 0 ? 1 + chaos.pick(12) : 0);
    if (!history.empty()) checkSince(world.account, history.back(), now, 0);
    checkReading(world.account, now);
    history.push_back({must(world.account.modseq()), now});
    late.step(world.account, now, 1 + chaos.pick(3));
    chaos.step();
  }
  const AccountView end = viewOf(world.account);
  while (late.step(world.account, end, 2)) continue;
  CHECK(late.emails.known == end.emails);
  CHECK(late.threads.known == end.threads);
  CHECK(late.mailboxes.known == end.mailboxes);
  world.sound();
}
