// SPDX-License-Identifier: Apache-2.0
#include "common/store/records.h"

#include <algorithm>
#include <utility>

#include "common/base/ascii.h"
#include "common/store/fields.h"
#include "common/store/schema.h"

namespace posthorn::store {

namespace {

Error corrupt(const char* what) {
  return makeError(Errc::Corrupt, std::string("store: ") + what + " cannot be read");
}

void putIndex(Bytes& out, const IndexState& index) {
  putLe(out, index.buckets);
  putLe(out, index.cursor);
  putLe(out, index.entries);
}

IndexState getIndex(FieldReader& in) {
  IndexState index;
  index.buckets = in.get<std::uint32_t>();
  index.cursor = in.get<std::uint32_t>();
  index.entries = in.get<std::uint64_t>();
  return index;
}

}  // namespace

Bytes UserRecord::encode() const {
  Bytes out;
  out.reserve(kSize);
  putLe(out, schema);
  putLe(out, dying);
  putLe(out, nextMailbox);
  putLe(out, modseq);
  putLe(out, lastUidValidity);
  putLe(out, std::uint32_t{0});
  putLe(out, used.bytes);
  putLe(out, used.messages);
  putLe(out, listFloor);
  putIndex(out, emailIds);
  putIndex(out, messageIds);
  putIndex(out, threads);
  putLe(out, idSecret);
  putLe(out, goneFloor);
  putLe(out, goneCount);
  out.resize(kSize, '\0');
  return out;
}

Result<UserRecord> UserRecord::decode(View value) {
  if (value.size() != kSize) return corrupt("user record");
  FieldReader in(value);
  UserRecord record;
  record.schema = in.get<std::uint16_t>();
  if (record.schema != kSchemaVersion)
    return makeError(Errc::Unsupported, "store: schema " + std::to_string(record.schema) + " is not known");
  record.dying = in.get<std::uint16_t>();
  record.nextMailbox = in.get<std::uint32_t>();
  record.modseq = in.get<std::uint64_t>();
  record.lastUidValidity = in.get<std::uint32_t>();
  in.skip(4);
  record.used.bytes = in.get<std::uint64_t>();
  record.used.messages = in.get<std::uint64_t>();
  record.listFloor = in.get<std::uint64_t>();
  record.emailIds = getIndex(in);
  record.messageIds = getIndex(in);
  record.threads = getIndex(in);
  record.idSecret = in.get<std::uint64_t>();
  record.goneFloor = in.get<std::uint64_t>();
  record.goneCount = in.get<std::uint32_t>();
  if (record.nextMailbox == 0 || record.modseq >> 48 != 0) return corrupt("user record");
  return record;
}

Bytes MailboxRecord::encode() const {
  Bytes out;
  out.reserve(kSize);
  putLe(out, uidValidity);
  putLe(out, uidNext);
  putLe(out, highestModseq);
  putLe(out, tombstoneFloor);
  putLe(out, messages);
  putLe(out, unseen);
  putLe(out, deleted);
  putLe(out, tombstones);
  putLe(out, recentUid);
  putLe(out, specialUse);
  putLe(out, bytes);
  out.append(mailboxId.view());
  putLe(out, listModseq);
  putLe(out, std::uint8_t{dying});
  putLe(out, std::uint8_t{adopted});
  putLe(out, createdModseq);
  out.resize(kSize, '\0');
  return out;
}

Result<MailboxRecord> MailboxRecord::decode(View value) {
  if (value.size() != kSize) return corrupt("mailbox record");
  FieldReader in(value);
  MailboxRecord record;
  record.uidValidity = in.get<std::uint32_t>();
  record.uidNext = in.get<std::uint32_t>();
  record.highestModseq = in.get<std::uint64_t>();
  record.tombstoneFloor = in.get<std::uint64_t>();
  record.messages = in.get<std::uint32_t>();
  record.unseen = in.get<std::uint32_t>();
  record.deleted = in.get<std::uint32_t>();
  record.tombstones = in.get<std::uint32_t>();
  record.recentUid = in.get<std::uint32_t>();
  record.specialUse = in.get<std::uint32_t>();
  record.bytes = in.get<std::uint64_t>();
  record.mailboxId = in.id();
  record.listModseq = in.get<std::uint64_t>();
  const auto dying = in.get<std::uint8_t>();
  const auto adopted = in.get<std::uint8_t>();
  record.createdModseq = in.get<std::uint64_t>();
  record.dying = dying == 1;
  record.adopted = adopted == 1;
  const bool sane = record.uidValidity != 0 && record.uidNext != 0 && record.highestModseq >> 48 == 0 &&
                    record.unseen <= record.messages && record.deleted <= record.messages && dying <= 1 &&
                    adopted <= 1;
  if (!sane) return corrupt("mailbox record");
  return record;
}

std::optional<unsigned> KeywordTable::find(View name) const {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (ascii::equal(names[i], name)) return static_cast<unsigned>(i);
  return std::nullopt;
}

Bytes KeywordTable::encode() const {
  Bytes out;
  for (const auto& name : names) {
    putLe(out, static_cast<std::uint8_t>(name.size()));
    out.append(name);
  }
  return out;
}

Result<KeywordTable> KeywordTable::decode(View value) {
  FieldReader in(value);
  KeywordTable table;
  while (in.ok() && !in.atEnd()) {
    const auto length = in.get<std::uint8_t>();
    const View name = in.bytes(length);
    if (table.names.size() == kMaxKeywords || (!name.empty() && !isKeyword(name))) return corrupt("keywords");
    table.names.emplace_back(name);
  }
  if (!in.done()) return corrupt("keyword table");
  return table;
}

bool isKeyword(View name) {
  const auto isAtom = [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x7F &&
           View("(){%*\"\\]").find(c) == View::npos;
  };
  return !name.empty() && name.size() <= kMaxKeywordLength && std::all_of(name.begin(), name.end(), isAtom);
}

Bytes encodeTombstones(const std::vector<Tombstone>& tombstones) {
  Bytes out;
  out.reserve(tombstones.size() * 20);
  for (const auto& tombstone : tombstones) {
    putLe(out, tombstone.uid);
    out.append(tombstone.emailId.view());
  }
  return out;
}

Status decodeTombstones(View value, Modseq modseq, std::vector<Tombstone>* out) {
  if (value.empty() || value.size() % 20 != 0) return corrupt("tombstone");
  FieldReader in(value);
  while (!in.atEnd()) {
    Tombstone tombstone;
    tombstone.uid = in.get<std::uint32_t>();
    tombstone.emailId = in.id();
    tombstone.modseq = modseq;
    out->push_back(tombstone);
  }
  return {};
}

Bytes encodeListChange(const ListChange& change) {
  Bytes out;
  putLe(out, static_cast<std::uint8_t>(change.kind));
  out.append(change.mailboxId.view());
  return out;
}

Result<ListChange> decodeListChange(View key, View value) {
  if (key.size() != 13 || value.size() != 17) return corrupt("change of the mailbox list");
  FieldReader in(value);
  ListChange change;
  change.modseq = getBe<std::uint64_t>(key, 1);
  change.mailbox = getBe<std::uint32_t>(key, 9);
  const auto kind = in.get<std::uint8_t>();
  if (kind < 1 || kind > 5) return corrupt("change of the mailbox list");
  change.kind = static_cast<ListChange::Kind>(kind);
  change.mailboxId = in.id();
  return change;
}

const std::string* UidlBlock::find(std::uint8_t index) const {
  for (const auto& [at, uidl] : uidls)
    if (at == index) return &uidl;
  return nullptr;
}

void UidlBlock::put(std::uint8_t index, std::string uidl) {
  drop(index);
  uidls.emplace_back(index, std::move(uidl));
  std::sort(uidls.begin(), uidls.end());
}

void UidlBlock::drop(std::uint8_t index) {
  std::erase_if(uidls, [&](const auto& entry) { return entry.first == index; });
}

Bytes UidlBlock::encode() const {
  Bytes out;
  for (const auto& [index, uidl] : uidls) {
    putLe(out, index);
    putLe(out, static_cast<std::uint8_t>(uidl.size()));
    out.append(uidl);
  }
  return out;
}

Result<UidlBlock> UidlBlock::decode(View value) {
  FieldReader in(value);
  UidlBlock block;
  int last = -1;
  while (in.ok() && !in.atEnd()) {
    const auto index = in.get<std::uint8_t>();
    const View uidl = in.bytes(in.get<std::uint8_t>());
    if (index >= kColdUids || index <= last || !isUidl(uidl)) return corrupt("UIDL block");
    last = index;
    block.uidls.emplace_back(index, std::string(uidl));
  }
  if (!in.done()) return corrupt("UIDL block");
  return block;
}

bool isUidl(View text) {
  return !text.empty() && text.size() <= kMaxUidl &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x21 && c <= 0x7E; });
}

Bytes encodeNumber(std::uint32_t number) {
  Bytes out;
  putLe(out, number);
  return out;
}

Result<std::uint32_t> decodeNumber(View value) {
  if (value.size() != 4) return corrupt("number");
  return getLe<std::uint32_t>(value, 0);
}

}  // namespace posthorn::store
