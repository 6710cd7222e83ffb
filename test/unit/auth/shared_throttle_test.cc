// SPDX-License-Identifier: Apache-2.0
// One record of failures for many workers, which are killed and stopped at any instruction.
#include <csignal>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/auth/throttle.h"

namespace posthorn::auth {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kGuesser = "192.0.2.1";
constexpr const char* kOther = "192.0.2.2";

milliseconds guess(Throttle& throttle, std::string_view address, const std::string& password) {
  return throttle.failed(address, "anna", Secret(password));
}

/// Two workers: each has mapped what master made.
struct Workers {
  ManualClock clock;
  std::shared_ptr<stats::FailureTable> made = stats::FailureTable::create().value();
  Throttle pop{{}, clock, stats::FailureTable::attach(UniqueFd(::dup(made->fd()))).value()};
  Throttle imap{{}, clock, stats::FailureTable::attach(UniqueFd(::dup(made->fd()))).value()};
};

/// A process that is ended with SIGKILL at the latest with this object.
class Child {
 public:
  explicit Child(const std::function<void(int ready)>& work) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      work(ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    ready_ = UniqueFd(ends[0]);
  }
  ~Child() { kill(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void awaitReady() const {
    char octet = 0;
    REQUIRE(::read(ready_.get(), &octet, 1) == 1);
  }
  void signal(int number) const { ::kill(pid_, number); }
  int wait() {
    int status = -1;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return status;
  }
  void kill() {
    if (pid_ < 0) return;
    signal(SIGKILL);
    wait();
  }

 private:
  pid_t pid_ = -1;
  UniqueFd ready_;
};

void tellReady(int fd) {
  const char octet = 1;
  if (::write(fd, &octet, 1) != 1) ::_exit(1);
}

/// Guesses without end, from one address and from very many.
void guessForEver(Throttle& throttle, int ready) {
  for (unsigned i = 0;; ++i) {
    const std::string address = i % 2 == 0 ? kGuesser : "10.0." + std::to_string(i / 2 % 250) + ".1";
    const auto admitted = throttle.admit(address);
    static_cast<void>(guess(throttle, address, std::to_string(i)));
    if (i == 100) tellReady(ready);
  }
}

TEST_CASE("guesses at several workers count together") {
  Workers w;
  CHECK(guess(w.pop, kGuesser, "a") == seconds{2});
  CHECK(guess(w.imap, kGuesser, "b") == seconds{4});
  CHECK(guess(w.pop, kGuesser, "c") == seconds{8});
  CHECK(w.imap.admit(kGuesser).wait == seconds{8});
  CHECK(w.imap.admit(kOther).wait == seconds{0});
  CHECK(guess(w.imap, kOther, "a") == seconds{2});
}

TEST_CASE("what was tried at one worker is no news at the other") {
  Workers w;
  CHECK(guess(w.pop, kGuesser, "old password") == seconds{2});
  CHECK(guess(w.imap, kGuesser, "old password") == seconds{2});
  CHECK(guess(w.imap, kGuesser, "a guess") == seconds{4});
}

TEST_CASE("those who wait are counted over all workers") {
  Workers w;
  static_cast<void>(guess(w.pop, kGuesser, "a"));
  for (std::size_t i = 0; i < Throttle::kMaxWaiting; ++i)
    CHECK_FALSE((i % 2 == 0 ? w.pop : w.imap).admit(kGuesser).refused);
  CHECK(w.pop.admit(kGuesser).refused);
  CHECK(w.imap.admit(kGuesser).refused);
  CHECK_FALSE(w.imap.admit(kOther).refused);
}

TEST_CASE("those who are not judged yet are counted over all workers") {
  Workers w;
  static_cast<void>(guess(w.pop, kGuesser, "a"));
  w.clock.advance(seconds{3});
  std::vector<Throttle::Admission> running;
  for (int i = 0; i < 3; ++i) {
    running.push_back(w.pop.admit(kGuesser));
    running.push_back(w.imap.admit(kGuesser));
  }
  CHECK(running[1].wait == seconds{0});
  CHECK(running[2].wait == seconds{1});
  CHECK(running[5].wait == seconds{2});
  running.clear();
  CHECK(w.imap.admit(kGuesser).wait == seconds{0});
}

TEST_CASE("a proxy user whose password is known waits for nobody's guesses") {
  Workers w;
  const Secret right(std::string_view("right"));
  const Secret wrong(std::string_view("wrong"));
  static_cast<void>(guess(w.pop, kGuesser, "a"));
  CHECK(w.imap.admit(kGuesser, "proxy", right).wait == seconds{2});
  w.pop.passed("proxy", right);
  for (std::size_t i = 0; i < 2 * Throttle::kMaxWaiting; ++i) {
    const auto admitted = w.imap.admit(kGuesser, "proxy", right);
    CHECK_FALSE(admitted.refused);
    CHECK(admitted.wait == seconds{0});
  }
  CHECK(w.imap.admit(kGuesser, "proxy", wrong).wait == seconds{2});
  CHECK(w.imap.admit(kGuesser, "anna", right).wait == seconds{2});
  for (int i = 0; i < 16; ++i) w.pop.passed("other" + std::to_string(i), right);
  CHECK(w.imap.admit(kGuesser, "proxy", right).wait == seconds{2});  // the oldest has given way
  w.pop.passed("other15", right);
  CHECK(w.imap.admit(kGuesser, "other0", right).wait == seconds{0});
}

TEST_CASE("a worker that is replaced leaves the record") {
  Workers w;
  {
    Throttle gone({}, w.clock, stats::FailureTable::attach(UniqueFd(::dup(w.made->fd()))).value());
    static_cast<void>(guess(gone, kGuesser, "a"));
    static_cast<void>(guess(gone, kGuesser, "b"));
  }
  CHECK(guess(w.pop, kGuesser, "c") == seconds{8});
}

TEST_CASE("an attempt outlives its throttle") {
  Throttle::Admission held;
  {
    const ManualClock clock;
    Throttle gone({}, clock);
    static_cast<void>(guess(gone, kGuesser, "a"));
    held = gone.admit(kGuesser);
  }
  CHECK(held.turn);
  held = {};
}

TEST_CASE("delays that were made shorter hold for old penalties, and none is none") {
  Workers w;
  for (const char* password : {"a", "b", "c", "d"}) static_cast<void>(guess(w.pop, kGuesser, password));
  CHECK(w.imap.admit(kGuesser).wait == seconds{15});
  w.imap.setDelays(seconds{1}, seconds{3});
  CHECK(w.imap.admit(kGuesser).wait == seconds{3});
  w.imap.setDelays(seconds{0}, seconds{3});
  CHECK(w.imap.admit(kGuesser).wait == seconds{0});
}

TEST_CASE("no guess of several processes is lost") {
  Workers w;
  constexpr unsigned kProcesses = 4;
  constexpr unsigned kGuesses = 2000;
  {
    std::vector<std::unique_ptr<Child>> children;
    for (unsigned process = 0; process < kProcesses; ++process)
      children.push_back(std::make_unique<Child>([&](int) {
        for (unsigned i = 0; i < kGuesses; ++i)
          static_cast<void>(guess(w.imap, kGuesser, std::to_string(process * kGuesses + i)));
      }));
    for (auto& child : children) CHECK(child->wait() == 0);
  }
  const std::string key{"\0\0\0\0\0\0\0\0\0\0\xFF\xFF\xC0\0\x02\x01", 16};
  const auto* const entry = w.made->find(w.made->hash(key), w.clock.steady(), Throttle::kForget);
  REQUIRE(entry != nullptr);
  CHECK(entry->failures.load() == kProcesses * kGuesses);
}

TEST_CASE("workers that are killed in the middle of it hold nobody up") {
  Workers w;
  for (int round = 0; round < 40; ++round) {
    Child first([&](int ready) { guessForEver(w.imap, ready); });
    Child second([&](int ready) { guessForEver(w.pop, ready); });
    first.awaitReady();
    second.awaitReady();
    ::usleep(static_cast<useconds_t>(round * 37));
    first.kill();
    CHECK(guess(w.pop, kGuesser, "x" + std::to_string(round)) == seconds{15});
    second.kill();
  }
  CHECK(w.pop.admit(kGuesser).wait <= seconds{15} + seconds{40});
  CHECK(w.pop.addresses() <= 251 + 1);
  CHECK(guess(w.pop, kOther, "a") == seconds{2});
  // Whoever waited or was not judged when his worker died is given up.
  w.clock.advance(minutes{2});
  const auto later = w.imap.admit(kGuesser);
  CHECK_FALSE(later.refused);
  CHECK(later.wait == seconds{0});
  w.clock.advance(Throttle::kForget);
  CHECK(w.imap.addresses() == 0);
}

TEST_CASE("a worker that is stopped in the middle of it holds nobody up") {
  Workers w;
  for (int round = 0; round < 40; ++round) {
    const Child child([&](int ready) { guessForEver(w.imap, ready); });
    child.awaitReady();
    ::usleep(static_cast<useconds_t>(round * 37));
    child.signal(SIGSTOP);
    CHECK(guess(w.pop, kGuesser, "x" + std::to_string(round)) == seconds{15});
    static_cast<void>(w.pop.admit(kGuesser));
  }
}

}  // namespace
}  // namespace posthorn::auth
