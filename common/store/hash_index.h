// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "common/base/result.h"
#include "common/store/edit.h"
#include "common/store/engine/engine.h"
#include "common/store/records.h"

namespace posthorn::store {

/// Spreads a number over all 64 bits; different numbers stay different.
std::uint64_t mix(std::uint64_t value);

/// A hash table of 64-bit keys and values inside the key space, packed into few values: linear hashing, which
/// grows by one bucket at a time and never has to be rebuilt. Keys must be well spread and are unique.
/// Its size lives in the user record, so a change of it is part of the commit.
class HashIndex {
 public:
  /// `family` is the first octet of its keys.
  constexpr explicit HashIndex(char family) : family_(family) {}

  Result<std::optional<std::uint64_t>> find(Edit& edit, const IndexState& state, std::uint64_t key) const;
  Result<std::optional<std::uint64_t>> find(Snapshot& from, const IndexState& state, std::uint64_t key) const;
  /// Adds the pair, or gives the key a new value.
  Status put(Edit& edit, IndexState& state, std::uint64_t key, std::uint64_t value) const;
  Status erase(Edit& edit, IndexState& state, std::uint64_t key) const;
  /// Drops the pairs of the next bucket, in turn, whose value `keep` declines.
  Status sweep(Edit& edit, IndexState& state,
               const std::function<Result<bool>(std::uint64_t value)>& keep) const;
  /// How many pairs share the bucket of `key`.
  Result<std::size_t> neighbours(Edit& edit, const IndexState& state, std::uint64_t key) const;
  /// There are so many pairs that the next put will add a bucket.
  [[nodiscard]] static bool crowded(const IndexState& state);

  struct Pair {
    std::uint64_t key = 0;
    std::uint64_t value = 0;
  };
  /// All pairs of `key`'s bucket value; Corrupt when it is not one.
  static Result<std::vector<Pair>> decode(View value);
  [[nodiscard]] char family() const { return family_; }
  /// Where a key belongs when there are `buckets`.
  static std::uint32_t bucketOf(std::uint64_t key, std::uint32_t buckets);

 private:
  [[nodiscard]] Bytes bucketKey(std::uint32_t bucket) const;
  Status split(Edit& edit, IndexState& state) const;

  char family_;
};

/// Lists of 64-bit values by a 64-bit id over a HashIndex, in no order. A list of one takes one pair.
class HashLists {
 public:
  constexpr explicit HashLists(char family) : index_(family) {}

  Status add(Edit& edit, IndexState& state, std::uint64_t id, std::uint64_t value) const;
  /// NotFound when the list does not hold the value.
  Status remove(Edit& edit, IndexState& state, std::uint64_t id, std::uint64_t value) const;
  Status replace(Edit& edit, IndexState& state, std::uint64_t id, std::uint64_t before,
                 std::uint64_t after) const;
  [[nodiscard]] Result<std::uint64_t> count(Edit& edit, const IndexState& state, std::uint64_t id) const;
  /// From an Edit or a Snapshot.
  template <typename Source>
  Result<std::vector<std::uint64_t>> all(Source& from, const IndexState& state, std::uint64_t id) const;
  [[nodiscard]] const HashIndex& index() const { return index_; }

 private:
  Result<std::uint64_t> placeOf(Edit& edit, const IndexState& state, std::uint64_t id,
                                std::uint64_t value) const;
  Status setCount(Edit& edit, IndexState& state, std::uint64_t id, std::uint64_t count) const;

  HashIndex index_;
};

inline constexpr HashLists kEmailIds{'E'};
inline constexpr HashIndex kMessageIds{'J'};
inline constexpr HashLists kThreads{'R'};

/// The value of E and R: a place in the account.
constexpr std::uint64_t packPlace(MailboxNo mailbox, Uid uid) {
  return std::uint64_t{mailbox} << 32 | uid;
}
constexpr MailboxNo mailboxOf(std::uint64_t place) {
  return static_cast<MailboxNo>(place >> 32);
}
constexpr Uid uidOf(std::uint64_t place) {
  return static_cast<Uid>(place);
}
/// The key of E: EMAILIDs are random already.
inline std::uint64_t indexKey(const Id128& emailId) {
  return getLe<std::uint64_t>(emailId.view(), 0);
}

}  // namespace posthorn::store
