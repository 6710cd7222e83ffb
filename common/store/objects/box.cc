// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/box.h"

#include <algorithm>
#include <bit>
#include <set>

#include "common/base/ascii.h"
#include "common/store/annotations.h"
#include "common/store/hash_index.h"
#include "common/store/names.h"
#include "common/store/schema.h"

namespace posthorn::store::objects {

namespace {

// Blocks that one answer keeps decoded: about 4 MiB.
constexpr std::size_t kMostBlocks = 2048;
constexpr std::uint64_t kMostOrder = 0x7FFF'FFFF;

struct Sharing {
  std::map<MailboxNo, Rights> rights;  // of the asker, where there is a list
  std::set<MailboxNo> shared;
};

Result<Sharing> sharingOf(Snapshot& from, const AccountHandle& account, const Asker& asker) {
  Sharing sharing;
  Status broken;
  PH_CHECK(from.scan(key::of('A'), key::after(key::of('A')), [&](View at, View value) {
    const auto number = getBe<std::uint32_t>(at, 1);
    const auto acl = decodeAcl(value);
    if (!acl.ok()) broken = acl.error();
    if (acl.ok() && asker) sharing.rights[number] = rightsOf(*asker, account.id(), *acl);
    sharing.shared.insert(number);
    return broken.ok();
  }));
  PH_CHECK(broken);
  return sharing;
}

/// What is no such number counts as none.
Result<std::optional<std::uint32_t>> sortOrderOf(Snapshot& from, const Box& box) {
  PH_TRY(const auto text, annotationIn(from, box.number, box.reader.get(), kSortOrderEntry));
  const auto number = text ? ascii::number(*text) : std::nullopt;
  if (!number || *number > kMostOrder) return std::optional<std::uint32_t>();
  return std::optional(static_cast<std::uint32_t>(*number));
}

Status addBox(Snapshot& from, const Sharing& sharing, const AccountHandle& account, const Asker& asker,
              Box box, std::vector<Box>& boxes) {
  const bool all = !asker || asker->admin || asker->id == account.id();
  const auto rights = sharing.rights.find(box.number);
  if (!all) box.rights = rights == sharing.rights.end() ? 0 : rights->second;
  if ((box.rights & kMayLookUp) == 0) return {};
  box.shared = sharing.shared.contains(box.number);
  if (!all) box.reader = std::make_shared<const Reader>(Reader{asker->id, box.rights});
  PH_TRY(const auto value, from.get(key::mailbox(box.number)));
  PH_TRY(box.record, MailboxRecord::decode(value));
  box.subscribed = from.get(nameKey('S', box.name)).ok();
  PH_TRY(box.sortOrder, sortOrderOf(from, box));
  boxes.push_back(std::move(box));
  return {};
}

/// Named by what changes whenever a mailbox gets a message (UIDNEXT) or loses one (their number).
std::string factsName(const AccountHandle& account, const MailboxRecord& record) {
  Bytes name = "F";
  name.append(record.mailboxId.view());
  putLe(name, record.uidValidity);
  putLe(name, record.uidNext);
  putLe(name, record.messages);
  return name + account.id();
}

Result<std::shared_ptr<const Facts>> readFacts(Snapshot& from, const Box& box) {
  auto facts = std::make_shared<Facts>();
  facts->reserve(box.record.messages);
  Status broken;
  PH_CHECK(
      from.scan(key::cold(box.number, 0), key::after(key::of('C', box.number)), [&](View at, View value) {
        const auto columns = ColdColumns::of(value);
        if (!columns.ok()) {
          broken = columns.error();
          return false;
        }
        const Uid first = getBe<std::uint32_t>(at, 5) << kColdShift;
        std::size_t place = 0;
        for (unsigned bits = columns->present(); bits != 0; bits &= bits - 1, ++place) {
          Fact fact;
          fact.uid = first + static_cast<Uid>(std::countr_zero(bits));
          fact.emailId = columns->emailId(place);
          fact.threadId = columns->threadId(place);
          fact.received = columns->received(place);
          fact.size = columns->size(place);
          fact.shared = columns->shared(place);
          facts->push_back(fact);
        }
        return true;
      }));
  PH_CHECK(broken);
  return std::shared_ptr<const Facts>(std::move(facts));
}

}  // namespace

Result<std::vector<Box>> boxesOf(Snapshot& from, const AccountHandle& account, const Asker& asker) {
  PH_TRY(const Sharing sharing, sharingOf(from, account, asker));
  std::vector<Box> named;
  Status broken;
  PH_CHECK(from.scan(key::of('N'), key::after(key::of('N')), [&](View at, View value) {
    const auto number = decodeNumber(value);
    if (!number.ok()) broken = number.error();
    if (!number.ok()) return false;
    Box box;
    box.number = *number;
    box.name = nameOfKey(at);
    named.push_back(std::move(box));
    return true;
  }));
  PH_CHECK(broken);
  std::vector<Box> boxes;
  for (Box& box : named) PH_CHECK(addBox(from, sharing, account, asker, std::move(box), boxes));
  const auto inbox = std::find_if(boxes.begin(), boxes.end(), [](const Box& b) { return b.name == kInbox; });
  if (inbox != boxes.end()) std::rotate(boxes.begin(), inbox, std::next(inbox));
  return boxes;
}

Result<std::shared_ptr<const Facts>> factsOf(Snapshot& from, const AccountHandle& account, const Box& box) {
  const Memory* memory = account.memory();
  const std::string name = factsName(account, box.record);
  if (memory != nullptr)
    if (auto known = memory->find<Facts>(name)) return known;
  PH_TRY(auto facts, readFacts(from, box));
  if (memory != nullptr) memory->keep(name, facts, facts->size() * sizeof(Fact));
  return facts;
}

Result<std::vector<Mark>> marksOf(Snapshot& from, const Box& box) {
  std::vector<Mark> marks;
  marks.reserve(box.record.messages);
  ReaderSeen seen(from, box.number, box.reader.get());
  Status broken;
  PH_CHECK(from.scan(key::hot(box.number, 0), key::after(key::of('H', box.number)), [&](View at, View value) {
    auto block = HotBlock::decode(value);
    broken = block.ok() ? seen.apply(getBe<std::uint32_t>(at, 5), *block) : Status(block.error());
    if (!broken.ok()) return false;
    for (std::uint64_t bits = block->present; bits != 0; bits &= bits - 1) {
      const HotBlock::Entry& entry = block->entries.at(static_cast<unsigned>(std::countr_zero(bits)));
      marks.push_back({entry.modseq, entry.keywords, entry.flags});
    }
    return true;
  }));
  PH_CHECK(broken);
  return marks;
}

Places::Places(Snapshot& from, const std::vector<Box>& boxes) : from_(from), boxes_(boxes) {
  for (std::size_t i = 0; i < boxes.size(); ++i)
    if (boxes[i].readable()) byNumber_.emplace(boxes[i].number, i);
}

std::optional<std::size_t> Places::boxOf(MailboxNo mailbox) const {
  const auto found = byNumber_.find(mailbox);
  return found == byNumber_.end() ? std::nullopt : std::optional(found->second);
}

Result<const HotBlock*> Places::hot(std::size_t box, std::uint32_t block) {
  const auto known = hot_.find({box, block});
  if (known != hot_.end()) return &known->second;
  if (hot_.size() >= kMostBlocks) hot_.clear();
  const MailboxNo number = boxes_[box].number;
  HotBlock decoded;
  const auto value = from_.get(key::hot(number, block));
  if (!value.ok() && value.error().code != Errc::NotFound) return value.error();
  if (value.ok()) {
    PH_TRY(decoded, HotBlock::decode(*value));
    PH_CHECK(ReaderSeen(from_, number, boxes_[box].reader.get()).apply(block, decoded));
  }
  return &hot_.emplace(std::pair(box, block), decoded).first->second;
}

Result<const ColdBlock*> Places::cold(std::size_t box, std::uint32_t block) {
  const auto known = cold_.find({box, block});
  if (known != cold_.end()) return &known->second;
  if (cold_.size() >= kMostBlocks) cold_.clear();
  ColdBlock decoded;
  const auto value = from_.get(key::cold(boxes_[box].number, block));
  if (!value.ok() && value.error().code != Errc::NotFound) return value.error();
  if (value.ok()) {
    PH_TRY(decoded, ColdBlock::decode(*value));
  }
  return &cold_.emplace(std::pair(box, block), decoded).first->second;
}

Result<std::optional<Found>> Places::at(MailboxNo mailbox, Uid uid) {
  const auto box = boxOf(mailbox);
  if (!box) return std::optional<Found>();
  PH_TRY(const HotBlock* flags, hot(*box, uid >> kHotShift));
  PH_TRY(const ColdBlock* facts, cold(*box, uid >> kColdShift));
  if (!flags->has(uid % kHotUids) || !facts->has(uid % kColdUids)) return std::optional<Found>();
  return std::optional<Found>(
      Found{*box, uid, flags->entries.at(uid % kHotUids), facts->entries.at(uid % kColdUids)});
}

Result<std::vector<Found>> Places::email(const UserRecord& user, const Id128& emailId) {
  PH_TRY(const auto packed, kEmailIds.all(from_, user.emailIds, indexKey(emailId)));
  std::vector<Found> copies;
  for (const std::uint64_t place : packed) {
    PH_TRY(auto found, at(mailboxOf(place), uidOf(place)));
    // The index knows half of the id.
    if (found && found->cold.facts.emailId == emailId) copies.push_back(*found);
  }
  std::sort(copies.begin(), copies.end(),
            [](const Found& a, const Found& b) { return std::pair(a.box, a.uid) < std::pair(b.box, b.uid); });
  return copies;
}

Result<std::vector<Found>> Places::thread(const UserRecord& user, std::uint64_t threadId) {
  PH_TRY(const auto packed, kThreads.all(from_, user.threads, threadId));
  std::vector<Found> members;
  for (const std::uint64_t place : packed) {
    PH_TRY(auto found, at(mailboxOf(place), uidOf(place)));
    if (found && found->cold.facts.threadId == threadId) members.push_back(*found);
  }
  return members;
}

}  // namespace posthorn::store::objects
