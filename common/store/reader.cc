// SPDX-License-Identifier: Apache-2.0
#include "common/store/reader.h"

#include <algorithm>
#include <bit>

#include "common/base/ids.h"
#include "common/store/fields.h"
#include "common/store/schema.h"

namespace posthorn::store {

SystemFlags Reader::flags() const {
  unsigned flags = 0;
  if ((rights & kMayKeepSeen) != 0) flags |= kSeen;
  if ((rights & kMayDeleteMessages) != 0) flags |= kDeleted;
  if ((rights & kMayWrite) != 0) flags |= kAllFlags & ~(kSeen | kDeleted);
  return static_cast<SystemFlags>(flags);
}

void SeenBlock::set(unsigned index, bool isSeen, Modseq modseq) {
  const std::uint64_t bit = std::uint64_t{1} << index;
  seen = isSeen ? seen | bit : seen & ~bit;
  modseqs.at(index) = modseq;
  maxModseq = std::max(maxModseq, modseq);
}

Bytes SeenBlock::encode() const {
  std::uint64_t touched = 0;
  for (unsigned i = 0; i < kHotUids; ++i)
    if (modseqs.at(i) != 0) touched |= std::uint64_t{1} << i;
  if (touched == 0) return {};
  Bytes out;
  putLe(out, maxModseq);
  putLe(out, touched);
  putLe(out, seen);
  for (const Modseq modseq : modseqs)
    if (modseq != 0) putLe(out, modseq);
  return out;
}

Result<SeenBlock> SeenBlock::decode(View value) {
  FieldReader in(value);
  SeenBlock block;
  block.maxModseq = in.get<std::uint64_t>();
  const auto touched = in.get<std::uint64_t>();
  block.seen = in.get<std::uint64_t>();
  bool right = touched != 0 && (block.seen & ~touched) == 0;
  for (std::uint64_t bits = touched; bits != 0; bits &= bits - 1) {
    Modseq& modseq = block.modseqs.at(static_cast<unsigned>(std::countr_zero(bits)));
    modseq = in.get<std::uint64_t>();
    right = right && modseq != 0 && modseq <= block.maxModseq;
  }
  if (!in.done() || !right) return makeError(Errc::Corrupt, "store: a reader's block cannot be read");
  return block;
}

ReaderSeen::ReaderSeen(Snapshot& from, MailboxNo mailbox, const Reader* reader)
    : from_(from), mailbox_(mailbox) {
  if (reader != nullptr) key_ = stableHash(reader->id);
}

Status ReaderSeen::load(std::uint32_t number) {
  if (loaded_ == number) return {};
  block_.reset();
  loaded_.reset();
  const auto value = from_.get(key::seenBy(mailbox_, *key_, number));
  if (!value.ok() && value.error().code != Errc::NotFound) return value.error();
  if (value.ok()) {
    PH_TRY(block_, SeenBlock::decode(value.value()));
  }
  loaded_ = number;
  return {};
}

Status ReaderSeen::apply(std::uint32_t number, HotBlock& block) {
  if (!key_) return {};
  PH_CHECK(load(number));
  for (std::uint64_t bits = block.present; bits != 0; bits &= bits - 1) {
    const auto at = static_cast<unsigned>(std::countr_zero(bits));
    HotBlock::Entry entry = block.entries.at(at);
    entry.flags = static_cast<SystemFlags>(entry.flags & ~kSeen);
    if (block_) {
      if ((block_->seen >> at & 1U) != 0) entry.flags = static_cast<SystemFlags>(entry.flags | kSeen);
      entry.modseq = std::max(entry.modseq, block_->modseqs.at(at));
    }
    block.set(at, entry);
  }
  return {};
}

Result<std::uint64_t> ReaderSeen::seen(std::uint32_t number, std::uint64_t owners) {
  if (!key_) return owners;
  PH_CHECK(load(number));
  return block_ ? block_->seen : std::uint64_t{0};
}

Result<Modseq> ReaderSeen::maxModseq(std::uint32_t number, Modseq owners) {
  if (!key_) return owners;
  PH_CHECK(load(number));
  return block_ ? std::max(owners, block_->maxModseq) : owners;
}

Result<std::uint32_t> unseenBy(Snapshot& from, MailboxNo mailbox, const Reader& reader) {
  ReaderSeen his(from, mailbox, &reader);
  std::uint32_t unseen = 0;
  Status broken;
  PH_CHECK(from.scan(key::hot(mailbox, 0), key::after(key::of('H', mailbox)), [&](View at, View value) {
    const auto seen = his.seen(getBe<std::uint32_t>(at, 5), 0);
    if (!seen.ok()) broken = seen.error();
    if (seen.ok())
      unseen += static_cast<std::uint32_t>(std::popcount(getLe<std::uint64_t>(value, 8) & ~*seen));
    return broken.ok();
  }));
  PH_CHECK(broken);
  return unseen;
}

SeenEdit::SeenEdit(Edit& edit, MailboxNo mailbox, const Reader& reader)
    : edit_(edit), mailbox_(mailbox), key_(stableHash(reader.id)) {}

Result<SeenBlock> SeenEdit::read(std::uint32_t block) {
  PH_TRY(const auto* slot, edit_.raw(key::seenBy(mailbox_, key_, block)));
  if (slot->value.empty()) return SeenBlock();
  return SeenBlock::decode(slot->value);
}

Status SeenEdit::write(std::uint32_t block, const SeenBlock& value) {
  PH_TRY(auto* slot, edit_.raw(key::seenBy(mailbox_, key_, block)));
  slot->value = value.encode();
  edit_.touch(slot);
  return {};
}

Status SeenEdit::mark(Uid uid, Modseq modseq) {
  PH_TRY(SeenBlock block, read(uid >> kHotShift));
  block.set(uid % kHotUids, true, modseq);
  return write(uid >> kHotShift, block);
}

Status dropSeen(Batch& batch, MailboxNo mailbox, std::optional<std::uint32_t> block) {
  const Bytes first = key::of('V', mailbox);
  const Bytes end = key::after(first);
  if (!block) return batch.eraseRange(first, end);
  // From one reader to the next: there are few of them, and maybe many blocks.
  Bytes from = first;
  for (bool more = true; more;) {
    std::uint64_t reader = 0;
    more = false;
    PH_CHECK(batch.scan(from, end, [&](View at, View) {
      reader = getBe<std::uint64_t>(at, 5);
      more = true;
      return false;
    }));
    if (!more) break;
    PH_CHECK(batch.erase(key::seenBy(mailbox, reader, *block)));
    from = key::after(key::of('V', mailbox, reader));
    more = from < end;
  }
  return {};
}

}  // namespace posthorn::store
