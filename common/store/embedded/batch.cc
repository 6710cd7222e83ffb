// SPDX-License-Identifier: Apache-2.0
#include "common/store/embedded/batch.h"

#include <algorithm>

namespace posthorn::store::embedded {

Result<View> getUser(Txn& txn, View key) {
  if (key.size() > kMaxKey) return makeError(Errc::NotFound, "store: no such key");
  return txn.get(Key::user(key));
}

Status scanUser(Txn& txn, View from, View to, const std::function<bool(View, View)>& row) {
  if (from.size() > kMaxKey || to.size() > kMaxKey) return makeError(Errc::TooBig, "store: key too long");
  return txn.scan(Key::user(from), Key::userEnd(to),
                  [&](View key, View value) { return row(key.substr(1), value); });
}

Result<View> EmbeddedBatch::get(View key) {
  return getUser(draft_.txn, key);
}

Status EmbeddedBatch::scan(View from, View to, const std::function<bool(View, View)>& row) {
  return scanUser(draft_.txn, from, to, row);
}

// Each change is noted before it is tried: a function that fails after a change makes the group start over,
// and the note is how the group knows.
Status EmbeddedBatch::put(View key, View value) {
  PH_CHECK(limits_.put(key, value));
  draft_.add({.type = OpType::Put, .key = key, .value = value, .blob = {}, .to = {}});
  return draft_.txn.put(Key::user(key), value);
}

Status EmbeddedBatch::erase(View key) {
  PH_CHECK(limits_.erase(key));
  draft_.add({.type = OpType::Erase, .key = key, .value = {}, .blob = {}, .to = {}});
  PH_CHECK(draft_.txn.erase(Key::user(key)));
  return {};
}

Status EmbeddedBatch::eraseRange(View from, View to) {
  PH_CHECK(limits_.eraseRange(from, to));
  draft_.add({.type = OpType::EraseRange, .key = from, .value = to, .blob = {}, .to = {}});
  PH_TRY(const std::size_t rows, draft_.txn.eraseRange(Key::user(from), Key::userEnd(to), kMaxErased));
  return limits_.erased(rows);
}

Result<BlobRef> EmbeddedBatch::attach(BlobWriter& staged) {
  auto* writer = dynamic_cast<EmbeddedBlobWriter*>(&staged);
  const auto holds = [&](const auto& list) {
    return std::find(list.begin(), list.end(), writer) != list.end();
  };
  if (writer == nullptr || !writer->attachable(draft_.account) || holds(draft_.inlineBlobs) ||
      holds(draft_.packs))
    return makeError(Errc::Invalid, "store: attach needs a sealed blob of this engine, once");
  if (writer->segment()) return attachPack(*writer);
  const BlobRef blob{draft_.segment, draft_.end, writer->size(), writer->crc()};
  draft_.inlineBlobs.push_back(writer);
  draft_.end += recordSize(writer->size());
  const Op op{.type = OpType::Attach, .key = {}, .value = {}, .blob = blob, .to = {}};
  draft_.add(op);
  PH_CHECK(draft_.ledger.note(op));
  return blob;
}

Result<BlobRef> EmbeddedBatch::attachPack(EmbeddedBlobWriter& writer) {
  const BlobRef blob{writer.segment()->header.number, kFirstRecord, writer.size(), writer.crc()};
  draft_.packs.push_back(&writer);
  Op add{.type = OpType::AddSegment, .key = {}, .value = {}, .blob = {}, .to = {}};
  add.segment = blob.segment;
  add.kind = SegmentKind::Pack;
  add.number = kFirstRecord + recordSize(blob.length);
  draft_.add(add);
  PH_CHECK(draft_.ledger.note(add));
  const Op op{.type = OpType::Attach, .key = {}, .value = {}, .blob = blob, .to = {}};
  draft_.add(op);
  PH_CHECK(draft_.ledger.note(op));
  return blob;
}

Status EmbeddedBatch::release(const BlobRef& blob) {
  const Op op{.type = OpType::Release, .key = {}, .value = {}, .blob = blob, .to = {}};
  draft_.add(op);
  return draft_.ledger.note(op);
}

}  // namespace posthorn::store::embedded
