// SPDX-License-Identifier: Apache-2.0
#include "common/store/quota_policy.h"

#include <limits>
#include <vector>

#include <catch2/catch.hpp>

namespace posthorn::store {
namespace {

constexpr std::int64_t kNow = 1'000'000;
constexpr std::int64_t kHours = 3600;

struct Case {
  const char* name;
  QuotaUse used;
  Quota limits;
  QuotaUse more;
  QuotaState state;
  QuotaRules rules;
  QuotaVerdict verdict;
  QuotaNotice due;
  std::int64_t overSince;  ///< afterwards
};

QuotaRules rules(auto change) {
  QuotaRules out;
  out.notify = true;
  change(out);
  return out;
}
QuotaRules usual() {
  return rules([](auto&) {});
}
QuotaRules overdraft() {
  return rules([](auto& r) { r.overdraft = true; });
}
QuotaState since(std::int64_t time, Quota limits = {100, -1}, std::int64_t noticed = 0) {
  return {time, limits, 0, noticed};
}

}  // namespace

TEST_CASE("what becomes of a message", "[quota]") {
  using V = QuotaVerdict;
  using N = QuotaNotice;
  const Quota hundred{100, -1};
  const std::vector<Case> cases = {
      {"no limit", {1 << 30, 9}, {-1, -1}, {1 << 30, 1}, {}, usual(), V::Accept, N::None, 0},
      {"far below", {10, 1}, hundred, {10, 1}, {}, usual(), V::Accept, N::None, 0},
      {"just below the threshold", {80, 1}, hundred, {9, 1}, {}, usual(), V::Accept, N::None, 0},
      {"reaches the threshold", {80, 1}, hundred, {10, 1}, {}, usual(), V::Accept, N::Warning, 0},
      {"fits to the last octet", {90, 1}, hundred, {10, 1}, {}, usual(), V::Accept, N::Warning, 0},
      {"warned a day ago",
       {90, 1},
       hundred,
       {1, 1},
       {0, {}, kNow - 24 * kHours, 0},
       usual(),
       V::Accept,
       N::None,
       0},
      {"warned a week ago",
       {90, 1},
       hundred,
       {1, 1},
       {0, {}, kNow - 168 * kHours, 0},
       usual(),
       V::Accept,
       N::Warning,
       0},
      {"warned in times to come",
       {90, 1},
       hundred,
       {1, 1},
       {0, {}, kNow + 48 * kHours, 0},
       usual(),
       V::Accept,
       N::Warning,
       0},
      {"warned by a faster process",
       {90, 1},
       hundred,
       {1, 1},
       {0, {}, kNow + 1, 0},
       usual(),
       V::Accept,
       N::None,
       0},
      {"the threshold is 100",
       {90, 1},
       hundred,
       {10, 1},
       {},
       rules([](auto& r) { r.warnPercent = 100; }),
       V::Accept,
       N::None,
       0},
      {"no notices",
       {95, 1},
       hundred,
       {1, 1},
       {},
       rules([](auto& r) { r.notify = false; }),
       V::Accept,
       N::None,
       0},
      {"one octet over", {90, 1}, hundred, {11, 1}, {}, usual(), V::Defer, N::OverQuota, kNow},
      {"one message over", {9, 7}, {-1, 7}, {1, 1}, {}, usual(), V::Defer, N::OverQuota, kNow},
      {"nothing at all is allowed", {0, 0}, {0, -1}, {1, 1}, {}, usual(), V::Defer, N::OverQuota, kNow},
      {"larger than the limit", {0, 0}, hundred, {101, 1}, {}, usual(), V::Defer, N::OverQuota, kNow},
      {"sums beyond 64 bits",
       {std::numeric_limits<std::uint64_t>::max() - 1, 0},
       {std::numeric_limits<std::int64_t>::max(), -1},
       {5, 1},
       {},
       usual(),
       V::Defer,
       N::OverQuota,
       kNow},
      {"within the grace period",
       {99, 1},
       hundred,
       {9, 1},
       since(kNow - 119 * kHours),
       usual(),
       V::Defer,
       N::OverQuota,
       kNow - 119 * kHours},
      {"told already",
       {99, 1},
       hundred,
       {9, 1},
       since(kNow - kHours, hundred, kNow - kHours),
       usual(),
       V::Defer,
       N::None,
       kNow - kHours},
      {"at the end of the grace period",
       {99, 1},
       hundred,
       {9, 1},
       since(kNow - 120 * kHours),
       usual(),
       V::Refuse,
       N::OverQuota,
       kNow - 120 * kHours},
      {"no grace",
       {99, 1},
       hundred,
       {9, 1},
       {},
       rules([](auto& r) { r.grace = {}; }),
       V::Refuse,
       N::OverQuota,
       kNow},
      {"a small one still fits",
       {99, 1},
       hundred,
       {1, 1},
       since(kNow - 200 * kHours),
       usual(),
       V::Accept,
       N::Warning,
       0},
      {"the limit was raised",
       {150, 1},
       {150, -1},
       {9, 1},
       since(kNow - 200 * kHours),
       usual(),
       V::Defer,
       N::OverQuota,
       kNow},
      {"the limit was lowered",
       {99, 1},
       {90, -1},
       {9, 1},
       since(kNow - 200 * kHours),
       usual(),
       V::Refuse,
       N::OverQuota,
       kNow - 200 * kHours},
      {"overdraft", {99, 1}, hundred, {50, 1}, {}, overdraft(), V::AcceptOverdraft, N::OverQuota, kNow},
      {"overdraft at the line",
       {100, 1},
       hundred,
       {50, 1},
       since(kNow - 200 * kHours),
       overdraft(),
       V::AcceptOverdraft,
       N::OverQuota,
       kNow},
      {"overdraft is spent",
       {101, 1},
       hundred,
       {1, 1},
       since(kNow - kHours),
       overdraft(),
       V::Defer,
       N::OverQuota,
       kNow - kHours},
      {"overdraft and grace are spent",
       {101, 1},
       hundred,
       {1, 1},
       since(kNow - 120 * kHours),
       overdraft(),
       V::Refuse,
       N::OverQuota,
       kNow - 120 * kHours},
      {"no overdraft of nothing", {0, 0}, {0, -1}, {1, 1}, {}, overdraft(), V::Defer, N::OverQuota, kNow},
      {"with overdraft no warning below", {90, 1}, hundred, {9, 1}, {}, overdraft(), V::Accept, N::None, 0},
      {"not enforced",
       {100, 1},
       hundred,
       {9, 1},
       {},
       rules([](auto& r) { r.enforce = false; }),
       V::Accept,
       N::Warning,
       0},
  };
  for (const Case& one : cases) {
    INFO(one.name);
    const auto decision = decideDelivery({one.used, one.limits, one.more, one.state, kNow}, one.rules);
    CHECK(decision.verdict == one.verdict);
    CHECK(decision.due == one.due);
    CHECK(decision.state.overSince == one.overSince);
    CHECK(decision.state.warnedAt == one.state.warnedAt);
    CHECK(decision.state.noticedAt == one.state.noticedAt);
    CHECK(decision.wentOver == (one.overSince == kNow && !isOver(one.state, one.limits)));
    CHECK(decision.wentUnder == (one.overSince == 0 && isOver(one.state, one.limits)));
  }
}

TEST_CASE("levels and percents", "[quota]") {
  CHECK(levelOf({0, 0}, {1, -1}, 90) == QuotaLevel::Below);
  CHECK(levelOf({0, 0}, {0, -1}, 90) == QuotaLevel::Full);
  CHECK(levelOf({90, 0}, {100, -1}, 90) == QuotaLevel::Warned);
  CHECK(levelOf({90, 0}, {100, -1}, 100) == QuotaLevel::Below);
  CHECK(levelOf({100, 0}, {100, -1}, 100) == QuotaLevel::Full);
  CHECK(levelOf({1, 9}, {100, 10}, 90) == QuotaLevel::Warned);
  const auto huge = std::numeric_limits<std::int64_t>::max();
  CHECK(levelOf({static_cast<std::uint64_t>(huge) / 2, 0}, {huge, -1}, 90) == QuotaLevel::Below);
  CHECK(percentOf({5, 5}, {-1, -1}) == std::nullopt);
  CHECK(percentOf({5, 5}, {100, 10}) == 50U);
  CHECK(percentOf({999, 0}, {1000, -1}) == 99U);
  CHECK(percentOf({0, 0}, {0, -1}) == 100U);
  CHECK(percentOf({std::numeric_limits<std::uint64_t>::max(), 0}, {1, -1}) == 999U);
  CHECK(percentOf({static_cast<std::uint64_t>(huge), 0}, {huge, -1}) == 100U);
}

TEST_CASE("the state reads back, also from a later release", "[quota]") {
  const QuotaState state{123, {456, -1}, 789, 1011};
  CHECK(state.encode().size() == QuotaState::kSize);
  CHECK(QuotaState::decode(state.encode()).value() == state);
  CHECK(QuotaState::decode(state.encode() + "more").value() == state);
  CHECK(QuotaState::decode(state.encode().substr(1)).error().code == Errc::Corrupt);
  CHECK_FALSE(QuotaState::decode("").ok());
}

TEST_CASE("room stops the clock, and only room", "[quota]") {
  const QuotaState over = since(5);
  CHECK(afterRemoval(over, {100, 1}, {100, -1}).overSince == 5);
  CHECK(afterRemoval(over, {99, 1}, {100, -1}).overSince == 0);
  CHECK(afterRemoval(over, {0, 0}, {0, -1}).overSince == 5);
  CHECK(isOver(over, {100, -1}));
  CHECK(isOver(over, {50, -1}));
  CHECK_FALSE(isOver(over, {101, -1}));
  CHECK_FALSE(isOver(over, {-1, -1}));
}

TEST_CASE("kinds of notices have their own intervals", "[quota]") {
  const QuotaRules on = usual();
  const QuotaState told = afterNotice(QuotaNotice::Warning, {}, kNow);
  CHECK_FALSE(noticeDue(QuotaNotice::Warning, told, on, kNow + 1));
  CHECK(noticeDue(QuotaNotice::OverQuota, told, on, kNow + 1));
  CHECK(noticeDue(QuotaNotice::Warning, told, on, kNow + on.noticeInterval.count()));
  CHECK_FALSE(noticeDue(QuotaNotice::None, {}, on, kNow));
}

}  // namespace posthorn::store
