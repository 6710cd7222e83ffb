// SPDX-License-Identifier: Apache-2.0
#include "common/store/hash_index.h"

#include <algorithm>
#include <bit>

namespace posthorn::store {

std::uint64_t mix(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

namespace {

constexpr std::uint32_t kLoad =
    12;  // pairs per bucket on average; a bucket before its split has up to twice that
constexpr std::size_t kPairSize = 16;

constexpr std::uint64_t kCountSalt = 0x636F756E74ULL;

std::uint64_t itemKey(std::uint64_t id, std::uint64_t place) {
  return mix(id ^ mix(place));
}
std::uint64_t countKey(std::uint64_t id) {
  return mix(id ^ kCountSalt);
}

std::optional<std::size_t> placeIn(View bucket, std::uint64_t key) {
  for (std::size_t at = 0; at + kPairSize <= bucket.size(); at += kPairSize)
    if (getLe<std::uint64_t>(bucket, at) == key) return at;
  return std::nullopt;
}

std::optional<std::uint64_t> valueIn(View bucket, std::uint64_t key) {
  const auto at = placeIn(bucket, key);
  if (!at) return std::nullopt;
  return getLe<std::uint64_t>(bucket, *at + 8);
}

void append(Bytes& bucket, std::uint64_t key, std::uint64_t value) {
  putLe(bucket, key);
  putLe(bucket, value);
}

void cut(Bytes& bucket, std::size_t at) {
  bucket.replace(at, kPairSize, bucket, bucket.size() - kPairSize, kPairSize);
  bucket.resize(bucket.size() - kPairSize);
}

}  // namespace

Result<std::vector<HashIndex::Pair>> HashIndex::decode(View value) {
  if (value.empty() || value.size() % kPairSize != 0)
    return makeError(Errc::Corrupt, "store: bucket of a hash index cannot be read");
  std::vector<Pair> pairs;
  for (std::size_t at = 0; at < value.size(); at += kPairSize)
    pairs.push_back({getLe<std::uint64_t>(value, at), getLe<std::uint64_t>(value, at + 8)});
  return pairs;
}

std::uint32_t HashIndex::bucketOf(std::uint64_t key, std::uint32_t buckets) {
  const std::uint64_t level = std::bit_floor(std::uint64_t{buckets});
  const std::uint64_t wide = key & (2 * level - 1);
  return static_cast<std::uint32_t>(wide < buckets ? wide : key & (level - 1));
}

Bytes HashIndex::bucketKey(std::uint32_t bucket) const {
  return key::of(family_, bucket);
}

bool HashIndex::crowded(const IndexState& state) {
  return state.entries >= std::uint64_t{kLoad} * state.buckets;
}

Result<std::optional<std::uint64_t>> HashIndex::find(Edit& edit, const IndexState& state,
                                                     std::uint64_t key) const {
  if (state.buckets == 0) return std::optional<std::uint64_t>();
  PH_TRY(const auto* slot, edit.raw(bucketKey(bucketOf(key, state.buckets))));
  return valueIn(slot->value, key);
}

Result<std::optional<std::uint64_t>> HashIndex::find(Snapshot& from, const IndexState& state,
                                                     std::uint64_t key) const {
  if (state.buckets == 0) return std::optional<std::uint64_t>();
  const auto bucket = from.get(bucketKey(bucketOf(key, state.buckets)));
  if (bucket.ok()) return valueIn(bucket.value(), key);
  if (bucket.error().code == Errc::NotFound) return std::optional<std::uint64_t>();
  return bucket.error();
}

Status HashIndex::put(Edit& edit, IndexState& state, std::uint64_t key, std::uint64_t value) const {
  if (crowded(state)) PH_CHECK(split(edit, state));
  PH_TRY(auto* slot, edit.raw(bucketKey(bucketOf(key, state.buckets))));
  edit.touch(slot);
  if (const auto at = placeIn(slot->value, key)) {
    cut(slot->value, *at);
    --state.entries;
  }
  append(slot->value, key, value);
  edit.weigh(kPairSize);
  ++state.entries;
  return {};
}

Status HashIndex::erase(Edit& edit, IndexState& state, std::uint64_t key) const {
  if (state.buckets == 0) return {};
  PH_TRY(auto* slot, edit.raw(bucketKey(bucketOf(key, state.buckets))));
  const auto at = placeIn(slot->value, key);
  if (!at) return {};
  edit.touch(slot);
  cut(slot->value, *at);
  --state.entries;
  return {};
}

Result<std::size_t> HashIndex::neighbours(Edit& edit, const IndexState& state, std::uint64_t key) const {
  if (state.buckets == 0) return std::size_t{0};
  PH_TRY(const auto* slot, edit.raw(bucketKey(bucketOf(key, state.buckets))));
  return slot->value.size() / kPairSize;
}

Status HashIndex::split(Edit& edit, IndexState& state) const {
  const std::uint32_t added = state.buckets;
  if (added == 0) {
    state.buckets = 1;
    return {};
  }
  const std::uint32_t from = added - std::bit_floor(added);
  PH_TRY(auto* source, edit.raw(bucketKey(from)));
  PH_TRY(auto* target, edit.raw(bucketKey(added)));
  std::vector<Pair> pairs;
  if (!source->value.empty()) {
    PH_TRY(pairs, decode(source->value));
  }
  // Only now: a caller may do without the pair whose put failed, and goes on with this state.
  ++state.buckets;
  if (pairs.empty()) return {};
  edit.touch(source);
  edit.touch(target);
  edit.weigh(source->value.size());
  source->value.clear();
  for (const Pair& pair : pairs)
    append(bucketOf(pair.key, state.buckets) == from ? source->value : target->value, pair.key, pair.value);
  return {};
}

Status HashIndex::sweep(Edit& edit, IndexState& state,
                        const std::function<Result<bool>(std::uint64_t value)>& keep) const {
  if (state.buckets == 0) return {};
  state.cursor = (state.cursor + 1) % state.buckets;
  PH_TRY(auto* slot, edit.raw(bucketKey(state.cursor)));
  if (slot->value.empty()) return {};
  PH_TRY(const auto pairs, decode(slot->value));
  Bytes kept;
  for (const Pair& pair : pairs) {
    PH_TRY(const bool stays, keep(pair.value));
    if (stays) append(kept, pair.key, pair.value);
  }
  if (kept.size() == slot->value.size()) return {};
  edit.touch(slot);
  state.entries -= (slot->value.size() - kept.size()) / kPairSize;
  slot->value = std::move(kept);
  return {};
}

Result<std::uint64_t> HashLists::count(Edit& edit, const IndexState& state, std::uint64_t id) const {
  PH_TRY(const auto many, index_.find(edit, state, countKey(id)));
  if (many) return *many;
  PH_TRY(const auto first, index_.find(edit, state, itemKey(id, 0)));
  return std::uint64_t{first ? 1U : 0U};
}

Status HashLists::setCount(Edit& edit, IndexState& state, std::uint64_t id, std::uint64_t count) const {
  return count < 2 ? index_.erase(edit, state, countKey(id)) : index_.put(edit, state, countKey(id), count);
}

Status HashLists::add(Edit& edit, IndexState& state, std::uint64_t id, std::uint64_t value) const {
  PH_TRY(const auto size, count(edit, state, id));
  PH_CHECK(index_.put(edit, state, itemKey(id, size), value));
  return size == 0 ? Status() : setCount(edit, state, id, size + 1);
}

Result<std::uint64_t> HashLists::placeOf(Edit& edit, const IndexState& state, std::uint64_t id,
                                         std::uint64_t value) const {
  PH_TRY(const auto size, count(edit, state, id));
  for (std::uint64_t place = 0; place < size; ++place) {
    PH_TRY(const auto found, index_.find(edit, state, itemKey(id, place)));
    if (found == value) return place;
  }
  return makeError(Errc::NotFound, "store: the hash index does not have the message");
}

Status HashLists::remove(Edit& edit, IndexState& state, std::uint64_t id, std::uint64_t value) const {
  PH_TRY(const auto place, placeOf(edit, state, id, value));
  PH_TRY(const auto size, count(edit, state, id));
  if (place + 1 != size) {
    PH_TRY(const auto last, index_.find(edit, state, itemKey(id, size - 1)));
    if (!last) return makeError(Errc::Corrupt, "store: a list of a hash index has a hole");
    PH_CHECK(index_.put(edit, state, itemKey(id, place), *last));
  }
  PH_CHECK(index_.erase(edit, state, itemKey(id, size - 1)));
  return setCount(edit, state, id, size - 1);
}

Status HashLists::replace(Edit& edit, IndexState& state, std::uint64_t id, std::uint64_t before,
                          std::uint64_t after) const {
  PH_TRY(const auto place, placeOf(edit, state, id, before));
  return index_.put(edit, state, itemKey(id, place), after);
}

template <typename Source>
Result<std::vector<std::uint64_t>> HashLists::all(Source& from, const IndexState& state,
                                                  std::uint64_t id) const {
  PH_TRY(const auto many, index_.find(from, state, countKey(id)));
  std::vector<std::uint64_t> values;
  for (std::uint64_t place = 0; place < many.value_or(1); ++place) {
    PH_TRY(const auto value, index_.find(from, state, itemKey(id, place)));
    if (value) values.push_back(*value);
    if (!value) break;
  }
  return values;
}

template Result<std::vector<std::uint64_t>> HashLists::all(Edit&, const IndexState&, std::uint64_t) const;
template Result<std::vector<std::uint64_t>> HashLists::all(Snapshot&, const IndexState&, std::uint64_t) const;

}  // namespace posthorn::store
