// SPDX-License-Identifier: Apache-2.0
#include "common/stats/scoreboard.h"

#include <algorithm>
#include <string>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

using namespace posthorn;
using namespace posthorn::stats;
using namespace std::chrono_literals;

namespace {

const Steady kNow{1h};

std::shared_ptr<Board> newBoard() {
  auto board = Board::create({1, 2});
  REQUIRE(board.ok());
  return *board;
}

/// A worker that runs in slot `number` and whose loop was alive at kNow.
Slot runningSlot(const std::shared_ptr<Board>& board, std::size_t number, std::uint64_t maxSessions) {
  board->claim(number, 1, static_cast<std::uint32_t>(number), kNow);
  Slot slot(board, number);
  slot.set(Gauge::MaxSessions, maxSessions);
  slot.enter(State::Running);
  slot.beat(kNow);
  return slot;
}

}  // namespace

TEST_CASE("a worker's counts are read by who has the same segment") {
  const auto masters = newBoard();
  masters->claim(3, 7, 1, kNow);
  auto workers = Board::attach(UniqueFd(::fcntl(masters->fd(), F_DUPFD_CLOEXEC, 3)));
  REQUIRE(workers.ok());
  Slot slot(*workers, 3);
  slot.enter(State::Running);
  slot.add(Gauge::Sessions, 5);
  slot.add(Gauge::Sessions, -2);
  slot.add(Counter::Accepted, 9);
  const SlotView view = readSlot(*masters, 3);
  CHECK(view.state == State::Running);
  CHECK(view.generation == 7);
  CHECK(view.index == 1);
  CHECK(view[Gauge::Sessions] == 3);
  CHECK(view[Counter::Accepted] == 9);
}

TEST_CASE("a file of another layout is not taken for a scoreboard") {
  char path[] = "/tmp/posthorn-stats-XXXXXX";
  UniqueFd fd(::mkstemp(path));
  REQUIRE(fd.get() >= 0);
  ::unlink(path);
  REQUIRE(::ftruncate(fd.get(), sizeof(SegmentLayout)) == 0);
  const auto board = Board::attach(std::move(fd));
  CHECK_FALSE(board.ok());
}

TEST_CASE("a released slot counts no more and a claimed one begins at zero") {
  const auto board = newBoard();
  Slot slot = runningSlot(board, 0, 10);
  Slot other = runningSlot(board, 1, 10);
  REQUIRE(slot.countUser("anna"));
  REQUIRE(other.countUser("anna"));
  CHECK(other.sessionsOfUser("anna") == 2);
  board->release(0);
  CHECK(other.sessionsOfUser("anna") == 1);
  board->claim(0, 2, 0, kNow);
  CHECK(readSlot(*board, 0)[Gauge::MaxSessions] == 0);
  CHECK(readSlot(*board, 0).state == State::Starting);
}

TEST_CASE("users and addresses are counted apart and go back to nothing") {
  Slot slot = Slot::unshared();
  for (int i = 0; i < 3; ++i) REQUIRE(slot.countUser("anna"));
  REQUIRE(slot.countAddress("anna"));
  CHECK(slot.sessionsOfUser("anna") <= 3);
  for (int i = 0; i < 3; ++i) slot.uncountUser("anna");
  slot.uncountAddress("anna");
  CHECK(slot.sessionsOfUser("anna") == 0);
  CHECK(slot.sessionsOfAddress("anna") == 0);
}

TEST_CASE("a sibling has room while it runs, lives and is not full") {
  const auto board = newBoard();
  const Slot mine = runningSlot(board, 0, 10);
  CHECK_FALSE(mine.siblingHasRoom(kNow));
  Slot sibling = runningSlot(board, 1, 2);
  CHECK(mine.siblingHasRoom(kNow));
  sibling.add(Gauge::Sessions, 2);
  CHECK_FALSE(mine.siblingHasRoom(kNow));
  sibling.add(Gauge::Sessions, -1);
  CHECK(mine.siblingHasRoom(kNow));
  sibling.enter(State::Draining);
  CHECK_FALSE(mine.siblingHasRoom(kNow));
  sibling.enter(State::Running);
  CHECK_FALSE(mine.siblingHasRoom(kNow + 1h));
}

TEST_CASE("accounts in flight are named until their job is done") {
  const auto board = newBoard();
  Slot slot = runningSlot(board, 0, 10);
  const std::string longName(200, 'x');
  {
    const InFlight one = slot.inFlight("anna");
    InFlight two = slot.inFlight(longName);
    const InFlight moved = std::move(two);
    auto accounts = readInFlight(*board, 0);
    REQUIRE(accounts.size() == 2);
    std::sort(accounts.begin(), accounts.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    CHECK(accounts[0].name == "anna");
    CHECK(longName.starts_with(accounts[1].name));
  }
  CHECK(readInFlight(*board, 0).empty());
}

TEST_CASE("more accounts in flight than there are entries are only not named") {
  const auto board = newBoard();
  Slot slot = runningSlot(board, 0, 10);
  std::vector<InFlight> marks;
  for (std::size_t i = 0; i < kMaxInFlight + 5; ++i)
    marks.push_back(slot.inFlight("user" + std::to_string(i)));
  CHECK(readInFlight(*board, 0).size() == kMaxInFlight);
  marks.clear();
  CHECK(readInFlight(*board, 0).empty());
}

TEST_CASE("an account in quarantine is known to every worker") {
  const auto board = newBoard();
  const Slot slot = runningSlot(board, 0, 10);
  CHECK_FALSE(slot.quarantined("anna"));
  const std::vector<std::uint64_t> hashes{board->hash("bert"), board->hash("anna")};
  board->setQuarantine(hashes);
  CHECK(slot.quarantined("anna"));
  CHECK_FALSE(slot.quarantined("clara"));
  board->setQuarantine({});
  CHECK_FALSE(slot.quarantined("anna"));
}

TEST_CASE("commands are counted by name with their latencies") {
  const auto board = newBoard();
  Slot slot = runningSlot(board, 0, 10);
  const std::vector<std::string_view> names{"RETR", "STAT"};
  slot.nameCommands(names);
  slot.command(0, 1us);
  slot.command(0, 1000us, false);
  slot.command(99, 1us);
  const auto commands = readCommands(*board, 0);
  REQUIRE(commands.size() == 2);
  CHECK(commands[0].name == "RETR");
  CHECK(commands[0].calls == 2);
  CHECK(commands[0].failures == 1);
  CHECK(commands[0].totalMicros == 1001);
  CHECK(commands[0].latency[latencyBucket(1000us)] == 1);
  CHECK(commands[1].calls == 0);
}

TEST_CASE("latency buckets are powers of two and the last one has no end") {
  CHECK(latencyBucket(0us) == 0);
  CHECK(latencyBucket(1us) == 0);
  CHECK(latencyBucket(2us) == 1);
  CHECK(latencyBucket(1023us) == 9);
  CHECK(latencyBucket(1024us) == 10);
  CHECK(latencyBucket(std::chrono::hours{1000}) == kLatencyBuckets - 1);
}

TEST_CASE("threads count into one slot without losing anything") {
  const auto board = newBoard();
  Slot slot = runningSlot(board, 0, 10);
  const auto work = [slot]() mutable {
    for (int i = 0; i < 10000; ++i) {
      slot.add(Counter::Accepted);
      const InFlight mark = slot.inFlight("anna");
    }
  };
  std::thread one(work);
  std::thread two(work);
  one.join();
  two.join();
  CHECK(slot.get(Counter::Accepted) == 20000);
  CHECK(readInFlight(*board, 0).empty());
}
