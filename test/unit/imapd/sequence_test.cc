// SPDX-License-Identifier: Apache-2.0
#include "imapd/sequence.h"

#include <algorithm>
#include <random>

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::imapd;
using store::Uid;

namespace {

/// A session's numbering and the same as a plain list.
class Both {
 public:
  explicit Both(unsigned seed) : random_(seed) {
    std::vector<store::UidRange> ranges;
    for (Uid at = 1 + below(3); ranges.size() < below(20); at += below(4)) {
      const Uid first = at;
      while (below(4) != 0) ++at;
      for (Uid uid = first; uid <= at; ++uid) plain_.push_back(uid);
      ranges.push_back({first, at});
      at += 2;
    }
    sequence_ = Sequence(ranges);
    top_ = plain_.empty() ? 0 : plain_.back();
  }

  void append() {
    for (auto left = below(9); left > 0; --left) {
      top_ += 1 + (below(4) == 0 ? below(5) : 0);
      sequence_.append(top_);
      plain_.push_back(top_);
    }
  }

  void remove() {
    std::vector<Uid> gone;
    const unsigned every = 1 + below(8);
    for (Uid uid = 1; uid <= top_ + 2; ++uid)
      if (below(every) == 0) gone.push_back(uid);
    if (!gone.empty() && below(3) == 0) gone.insert(gone.begin(), gone.front());  // twice
    std::vector<Uid> left;
    std::set_difference(plain_.begin(), plain_.end(), gone.begin(), gone.end(), std::back_inserter(left));
    // What a client does with each EXPUNGE.
    for (const std::uint32_t number : sequence_.remove(gone)) {
      REQUIRE(number >= 1);
      REQUIRE(number <= plain_.size());
      plain_.erase(plain_.begin() + (number - 1));
    }
    REQUIRE(plain_ == left);
  }

  void compare() const {
    REQUIRE(sequence_.count() == plain_.size());
    REQUIRE(sequence_.empty() == plain_.empty());
    REQUIRE(sequence_.last() == (plain_.empty() ? 0 : plain_.back()));
    for (std::size_t i = 0; i < plain_.size(); ++i)
      REQUIRE(sequence_.uid(static_cast<std::uint32_t>(i + 1)) == plain_[i]);
    for (Uid uid = 0; uid <= top_ + 2; ++uid) {
      const auto found = std::find(plain_.begin(), plain_.end(), uid);
      const auto number = found == plain_.end() ? 0 : found - plain_.begin() + 1;
      REQUIRE(sequence_.number(uid) == static_cast<std::uint32_t>(number));
    }
    REQUIRE(store::UidSet::of(sequence_.ranges()).ranges() == store::UidSet::of(plain_).ranges());
    for (std::size_t i = 1; i < sequence_.ranges().size(); ++i)
      REQUIRE(sequence_.ranges()[i - 1].last + 1 < sequence_.ranges()[i].first);
  }

  void lookUp() {
    std::vector<imap::SequenceRange> wanted;
    std::vector<Uid> named;
    for (std::uint32_t from = below(4); from <= plain_.size() + 3; from += 2 + below(6)) {
      const std::uint32_t to = from + below(5);
      if (from > 0) wanted.push_back({from, to});
      for (std::uint32_t n = std::max(1U, from); from > 0 && n <= to && n <= plain_.size(); ++n)
        named.push_back(plain_[n - 1]);
      from = to;
    }
    REQUIRE(sequence_.uids(wanted).ranges() == store::UidSet::of(named).ranges());
  }

 private:
  unsigned below(unsigned limit) { return std::uniform_int_distribution<unsigned>(0, limit - 1)(random_); }

  std::mt19937 random_;
  Sequence sequence_;
  std::vector<Uid> plain_;
  Uid top_ = 0;
};

}  // namespace

TEST_CASE("a session's numbering is that of a plain list") {
  for (unsigned seed = 0; seed < 200; ++seed) {
    INFO("seed " << seed);
    Both both(seed);
    for (int step = 0; step < 12; ++step) {
      both.compare();
      both.lookUp();
      step % 3 == 2 ? both.append() : both.remove();
      both.append();
    }
    both.compare();
  }
}

TEST_CASE("EXPUNGE numbers are those of the moment") {
  Sequence sequence({{1, 3}, {10, 12}});
  CHECK(sequence.remove({2, 3, 5, 11, 99}) == std::vector<std::uint32_t>{2, 2, 3});
  CHECK(sequence.ranges() == std::vector<store::UidRange>{{1, 1}, {10, 10}, {12, 12}});
  CHECK(sequence.remove({1, 10, 12}) == std::vector<std::uint32_t>{1, 1, 1});
  CHECK(sequence.empty());
  CHECK(sequence.remove({1}).empty());
  sequence.append(13);
  CHECK(sequence.number(13) == 1);
}

TEST_CASE("the highest UID of all ends nothing early") {
  Sequence sequence({{1, 1}, {0xFFFFFFFEU, 0xFFFFFFFFU}});
  CHECK(sequence.count() == 3);
  CHECK(sequence.uid(3) == 0xFFFFFFFFU);
  CHECK(sequence.uids({{2, 9}}).ranges() == std::vector<store::UidRange>{{0xFFFFFFFEU, 0xFFFFFFFFU}});
  CHECK(sequence.remove({0xFFFFFFFFU}) == std::vector<std::uint32_t>{3});
  CHECK(sequence.last() == 0xFFFFFFFEU);
}
