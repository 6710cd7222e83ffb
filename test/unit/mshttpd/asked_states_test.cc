// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/http/asked_states.h"

#include <chrono>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mshttpd;
using namespace posthorn::mshttpd::http;
using namespace std::chrono_literals;

namespace {

/// Tells what the test says, to all.
class Said final : public PushSource {
 public:
  class Stream final : public Subscription {
   public:
    Stream(Said& of, std::function<void(const Changed&)> onChange) : of_(of), tell(std::move(onChange)) {
      of.streams.push_back(this);
    }
    ~Stream() override { std::erase(of_.streams, this); }

   private:
    Said& of_;

   public:
    std::function<void(const Changed&)> tell;
  };
  std::unique_ptr<Subscription> subscribe(const Watcher&,
                                          std::function<void(const Changed&)> onChange) override {
    return std::make_unique<Stream>(*this, std::move(onChange));
  }
  void say(const Changed& changed) {
    for (Stream* stream : std::vector(streams)) {
      const auto call = stream->tell;
      call(changed);
    }
  }
  std::vector<Stream*> streams;
};

struct World {
  PushSource::Watcher watcher(std::set<std::string> types = {}) {
    return {
        {.user = "anna", .name = {}, .email = {}, .addresses = {}, .client = {}}, std::move(types), false};
  }
  /// Runs the loop until a job waits, or long enough that none comes.
  bool asked() {
    const auto deadline = std::chrono::steady_clock::now() + 300ms;
    while (jobs.empty() && std::chrono::steady_clock::now() < deadline) loop.runOnce(2ms);
    return !jobs.empty();
  }
  void answer() {
    for (const auto& job : std::exchange(jobs, {})) job();
    for (int i = 0; i < 3; ++i) loop.runOnce(2ms);
  }

  net::Loop loop;
  Said said;
  Changed states{{"anna", {{"Identity", "1"}, {"Quota", "q"}}}};
  std::vector<std::set<std::string>> questions;
  std::vector<std::function<void()>> jobs;
  AskedStates source{loop,
                     said,
                     {[this](const jmap::Caller&, std::set<std::string> accounts) {
                        questions.push_back(std::move(accounts));
                        return [this] { return states; };
                      },
                      [this](std::function<void()> work) {
                        jobs.push_back(std::move(work));
                        return okStatus();
                      },
                      {"Identity", "Quota"}},
                     {.delay = 5ms, .asks = 2}};
};

const Changed kMail{{"anna", {{"Email", "7"}}}};

}  // namespace

TEST_CASE("states that no event carries are asked for, once for several changes", "[http]") {
  World world;
  std::vector<Changed> told;
  const auto stream =
      world.source.subscribe(world.watcher(), [&](const Changed& one) { told.push_back(one); });
  const auto other = world.source.subscribe(world.watcher(), [](const Changed&) {});
  world.said.say(kMail);
  world.said.say({{"bert", {{"Email", "9"}}}});
  CHECK(told.size() == 2);  // at once
  REQUIRE(world.asked());
  CHECK(world.questions == std::vector<std::set<std::string>>{{"anna", "bert"}});
  world.answer();
  REQUIRE(told.size() == 3);
  CHECK(told[2] == world.states);
  // Only what is other than it was.
  world.states["anna"]["Quota"] = "r";
  world.said.say(kMail);
  REQUIRE(world.asked());
  world.answer();
  CHECK(told.back() == Changed{{"anna", {{"Quota", "r"}}}});
  world.said.say(kMail);
  REQUIRE(world.asked());
  world.answer();
  CHECK(told.back() == kMail);
}

TEST_CASE("who wants no such type costs nothing", "[http]") {
  World world;
  int told = 0;
  const auto stream = world.source.subscribe(world.watcher({"Email"}), [&](const Changed&) { ++told; });
  world.said.say(kMail);
  CHECK(told == 1);
  CHECK(!world.asked());
}

TEST_CASE("streams may end while they are told, and before they are", "[http]") {
  World world;
  std::unique_ptr<PushSource::Subscription> first;
  std::unique_ptr<PushSource::Subscription> second;
  int told = 0;
  const auto endBoth = [&](const Changed& changed) {
    ++told;
    if (changed == kMail) return;
    first.reset();
    second.reset();
  };
  first = world.source.subscribe(world.watcher({"Quota"}), endBoth);
  second = world.source.subscribe(world.watcher({"Quota"}), endBoth);
  world.said.say(kMail);
  REQUIRE(world.asked());
  world.answer();
  CHECK(told == 3);
  CHECK(world.said.streams.empty());
  first = world.source.subscribe(world.watcher(), endBoth);
  world.said.say(kMail);
  REQUIRE(world.asked());
  first.reset();
  world.answer();
  CHECK(told == 4);
}
