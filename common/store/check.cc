// SPDX-License-Identifier: Apache-2.0
#include "common/store/check.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "common/store/body.h"
#include "common/store/hash_index.h"
#include "common/store/names.h"
#include "common/store/ops.h"
#include "common/store/reader.h"
#include "common/store/rights.h"

namespace posthorn::store {

namespace {

struct IdHash {
  std::size_t operator()(const Id128& id) const { return indexKey(id); }
};

/// What the messages say of one body.
struct BodyUse {
  BlobRef blob;
  std::uint32_t messages = 0;
  bool shared = true;  ///< every message that has it says so
};

struct Message {
  MailboxNo mailbox = 0;
  Uid uid = 0;
  ColdEntry cold;
};

/// One pass over an account: its records in one snapshot, then its bodies.
class Checker {
 public:
  explicit Checker(const AccountHandle& account) : account_(account) {}

  Status records(Snapshot& source) {
    source_ = &source;
    PH_TRY(user_, readUser(source));
    PH_CHECK(names());
    PH_CHECK(mailboxes());
    PH_CHECK(orphans('H'));
    PH_CHECK(orphans('C'));
    PH_CHECK(references());
    PH_CHECK(indexes());
    PH_CHECK(listChanges());
    PH_CHECK(sharing());
    account();
    return {};
  }

  /// Takes long, and needs no snapshot.
  void bodies() {
    std::set<Id128> seen;
    for (const Message& message : messages_) {
      if (!seen.insert(message.cold.facts.emailId).second) continue;
      const Status sound = readsBack(message);
      ++report_.bodiesRead;
      if (!sound.ok() && stillThere(message))
        say(message.mailbox, message.uid, sound.error().text, Finding::Kind::Body);
    }
  }

  CheckReport take() { return std::move(report_); }

 private:
  void say(MailboxNo mailbox, Uid uid, std::string text, Finding::Kind kind = Finding::Kind::Record) {
    if (report_.findings.size() >= kMaxFindings) {
      report_.truncated = true;
      return;
    }
    const auto name = names_.find(mailbox);
    report_.findings.push_back(
        {kind, name != names_.end() ? name->second : std::string(), uid, std::move(text)});
  }
  void expect(bool right, MailboxNo mailbox, Uid uid, const char* text) {
    if (!right) say(mailbox, uid, text);
  }

  Status each(const Bytes& prefix, const std::function<void(View at, View value)>& row) {
    const Bytes end = key::after(prefix);
    return source_->scan(prefix, end, [&](View at, View value) {
      row(at, value);
      return true;
    });
  }

  Status names() {
    return each(key::of('N'), [&](View at, View value) {
      const auto number = decodeNumber(value);
      const std::string name = nameOfKey(at);
      if (!number.ok()) return say(0, 0, "the record of the name " + name + " cannot be read");
      const auto normal = normalName(name);
      if (!normal.ok() || normal.value() != name) say(0, 0, "not a mailbox name: " + name);
      if (!names_.emplace(number.value(), name).second) say(number.value(), 0, "has a second name: " + name);
    });
  }

  Status mailboxes() {
    std::vector<std::pair<MailboxNo, MailboxRecord>> found;
    PH_CHECK(each(key::of('M'), [&](View at, View value) {
      const auto number = getBe<std::uint32_t>(at, 1);
      auto record = MailboxRecord::decode(value);
      if (!record.ok()) return say(number, 0, "its record cannot be read");
      found.emplace_back(number, std::move(record).value());
    }));
    std::set<Id128> ids;
    std::size_t dying = 0;
    for (const auto& [number, record] : found) {
      records_.insert(number);
      expect(record.dying != names_.contains(number), number, 0, "names and mailboxes do not agree");
      expect(ids.insert(record.mailboxId).second, number, 0, "its MAILBOXID is not its own");
      expect(number < user_.nextMailbox, number, 0, "its number is not given out yet");
      expect(record.uidValidity <= user_.lastUidValidity, number, 0, "its UIDVALIDITY is not given out yet");
      expect(record.highestModseq <= user_.modseq, number, 0, "its HIGHESTMODSEQ passes the account's");
      if (record.dying) ++dying;
      PH_CHECK(mailbox(number, record));
    }
    for (const auto& [number, name] : names_)
      expect(records_.contains(number), number, 0, "there is a name and no mailbox");
    expect(names_.empty() || hasInbox(), 0, 0, "there is no INBOX");
    expect(dying == user_.dying, 0, 0, "the count of mailboxes that go is wrong");
    report_.mailboxes = names_.size();
    return {};
  }

  [[nodiscard]] bool hasInbox() const {
    for (const auto& [number, name] : names_)
      if (name == kInbox) return true;
    return false;
  }

  /// One mailbox: blocks against each other and against the counts.
  Status mailbox(MailboxNo number, const MailboxRecord& record) {
    MailboxRecord counted;
    std::set<Uid> hot;
    PH_TRY(const auto keywords, keywordBits(number));
    PH_CHECK(each(key::of('H', number), [&](View at, View value) {
      const auto block = getBe<std::uint32_t>(at, 5);
      const auto decoded = HotBlock::decode(value);
      if (!decoded.ok()) return say(number, block << kHotShift, "the flags of 64 messages cannot be read");
      hotBlock(number, record, block, decoded.value(), keywords, counted, hot);
    }));
    PH_CHECK(each(key::of('C', number), [&](View at, View value) {
      const auto block = getBe<std::uint32_t>(at, 5);
      const auto decoded = ColdBlock::decode(value);
      if (!decoded.ok()) return say(number, block << kColdShift, "the facts of 16 messages cannot be read");
      coldBlock(number, record, block, decoded.value(), counted, hot);
    }));
    for (const Uid uid : hot) say(number, uid, "has flags but no facts");
    expect(record.messages == counted.messages, number, 0, "the count of messages is wrong");
    expect(record.unseen == counted.unseen, number, 0, "the count of unseen messages is wrong");
    expect(record.deleted == counted.deleted, number, 0, "the count of deleted messages is wrong");
    expect(record.bytes == counted.bytes, number, 0, "the sum of sizes is wrong");
    if (!record.dying) {
      used_.bytes += counted.bytes;
      used_.messages += counted.messages;
    }
    report_.messages += counted.messages;
    report_.octets += counted.bytes;
    return tombstones(number, record);
  }

  Result<std::uint64_t> keywordBits(MailboxNo number) {
    const auto value = source_->get(key::keywords(number));
    if (!value.ok() && value.error().code == Errc::NotFound) return std::uint64_t{0};
    if (!value.ok()) return value.error();
    const auto table = KeywordTable::decode(value.value());
    std::uint64_t bits = 0;
    if (!table.ok()) say(number, 0, "its keywords cannot be read");
    for (std::size_t i = 0; table.ok() && i < table.value().names.size(); ++i)
      if (!table.value().names[i].empty()) bits |= std::uint64_t{1} << i;
    return bits;
  }

  void hotBlock(MailboxNo number, const MailboxRecord& record, std::uint32_t block, const HotBlock& hot,
                std::uint64_t keywords, MailboxRecord& counted, std::set<Uid>& uids) {
    expect(hot.maxModseq <= record.highestModseq, number, block << kHotShift,
           "a MODSEQ passes the mailbox's HIGHESTMODSEQ");
    for (std::uint64_t bits = hot.present; bits != 0; bits &= bits - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(bits));
      const Uid uid = (block << kHotShift) + at;
      const HotBlock::Entry& entry = hot.entries.at(at);
      uids.insert(uid);
      ++counted.messages;
      if ((entry.flags & kSeen) == 0) ++counted.unseen;
      if ((entry.flags & kDeleted) != 0) ++counted.deleted;
      expect(uid != 0 && uid < record.uidNext, number, uid, "its UID is not given out yet");
      expect(entry.modseq != 0, number, uid, "has no MODSEQ");
      expect((entry.keywords & ~keywords) == 0, number, uid, "bears a keyword that has no name");
    }
  }

  void coldBlock(MailboxNo number, const MailboxRecord& record, std::uint32_t block, const ColdBlock& cold,
                 MailboxRecord& counted, std::set<Uid>& uids) {
    for (unsigned at = 0; at < kColdUids; ++at) {
      if (!cold.has(at)) continue;
      const Uid uid = (block << kColdShift) + at;
      const ColdEntry& entry = cold.entries.at(at);
      counted.bytes += entry.facts.size;
      expect(uids.erase(uid) == 1, number, uid, "has facts but no flags");
      expect(entry.facts.threadId != 0, number, uid, "has no THREADID");
      expect(entry.facts.createdModseq != 0 && entry.facts.createdModseq <= user_.modseq, number, uid,
             "its first MODSEQ is not given out yet");
      if (entry.importedUidl) importedUidl(number, uid);
      uidl(number, record, uid, entry);
      body(number, uid, entry);
      messages_.push_back({number, uid, entry});
    }
  }

  void importedUidl(MailboxNo number, Uid uid) {
    const auto value = source_->get(key::uidls(number, uid >> kColdShift));
    const auto block = value.ok() ? UidlBlock::decode(value.value()) : Result<UidlBlock>(value.error());
    const bool there =
        block.ok() && block.value().find(static_cast<std::uint8_t>(uid % kColdUids)) != nullptr;
    expect(there, number, uid, "its imported UIDL is lost");
  }

  void uidl(MailboxNo number, const MailboxRecord&, Uid uid, const ColdEntry& entry) {
    if (entry.secondCopy || entry.importedUidl) return;
    expect(plainUidls_.emplace(number, entry.facts.emailId).second, number, uid,
           "its UIDL is another message's too");
  }

  void body(MailboxNo number, Uid uid, const ColdEntry& entry) {
    auto [use, added] = bodies_.try_emplace(entry.facts.emailId, BodyUse{entry.blob, 0, true});
    expect(use->second.blob == entry.blob, number, uid, "copies of one message have different bodies");
    ++use->second.messages;
    use->second.shared = use->second.shared && entry.shared;
  }

  Status tombstones(MailboxNo number, const MailboxRecord& record) {
    std::uint64_t count = 0;
    PH_CHECK(each(key::of('T', number), [&](View at, View value) {
      std::vector<Tombstone> found;
      const auto modseq = getBe<std::uint64_t>(at, 5);
      if (!decodeTombstones(value, modseq, &found).ok()) return say(number, 0, "a tombstone cannot be read");
      count += found.size();
      expect(modseq <= record.highestModseq, number, 0,
             "a tombstone is of a MODSEQ that is not given out yet");
    }));
    expect(count == record.tombstones, number, 0, "the count of tombstones is wrong");
    return {};
  }

  /// A release before them leaves what removed mailboxes had; it harms nobody.
  Status sharing() {
    PH_CHECK(each(key::of('A'), [&](View at, View value) {
      const bool whole = at.size() == 5 && decodeAcl(value).ok();
      expect(whole, getBe<std::uint32_t>(at, 1), 0, "its access list cannot be read");
    }));
    PH_CHECK(each(key::of('X'), [&](View at, View value) {
      const bool mark = at.size() == 1 && value.size() == 8;
      const bool whole = mark || (at.size() > 9 && value.size() >= 9);
      expect(whole && getLe<std::uint64_t>(value, 0) <= user_.modseq,
             at.size() > 9 ? getBe<std::uint32_t>(at, 1) : 0, 0, "an annotation cannot be read");
    }));
    return each(key::of('V'), [&](View at, View value) {
      const auto block = SeenBlock::decode(value);
      const bool whole = at.size() == 17 && block.ok() && block->maxModseq <= user_.modseq;
      expect(whole, getBe<std::uint32_t>(at, 1), 0, "what a reader has seen cannot be read");
    });
  }

  /// Blocks of mailboxes that are not there.
  Status orphans(char family) {
    MailboxNo last = 0;
    return each(key::of(family), [&](View at, View) {
      const auto number = getBe<std::uint32_t>(at, 1);
      if (number != last && !records_.contains(number))
        say(0, 0, "there are messages of a mailbox that is not there: " + std::to_string(number));
      last = number;
    });
  }

  Status references() {
    for (const auto& [emailId, use] : bodies_)
      if (use.messages > 1 && !use.shared)
        say(0, 0, "a body is shared and does not say so: " + emailId.hex());
    std::set<Id128> counted;
    PH_CHECK(each(key::of('G'), [&](View at, View value) {
      const auto count = decodeNumber(value);
      const auto emailId = Id128::fromHex(toHex(at.substr(1)));
      if (!count.ok() || !emailId) return say(0, 0, "a count of references cannot be read");
      const auto use = bodies_.find(*emailId);
      const std::uint32_t real = use == bodies_.end() ? 0 : use->second.messages;
      counted.insert(*emailId);
      if (count.value() != real || real < 2) say(0, 0, "a count of references is wrong: " + emailId->hex());
    }));
    for (const auto& [emailId, use] : bodies_)
      if (use.messages > 1 && !counted.contains(emailId))
        say(0, 0, "a shared body is not counted: " + emailId.hex());
    return {};
  }

  Status indexes() {
    for (const Message& message : messages_) {
      const auto place = packPlace(message.mailbox, message.uid);
      PH_TRY(const bool byId, listed(kEmailIds, user_.emailIds, indexKey(message.cold.facts.emailId), place));
      PH_TRY(const bool byThread, listed(kThreads, user_.threads, message.cold.facts.threadId, place));
      expect(byId, message.mailbox, message.uid, "is not found by its EMAILID");
      expect(byThread, message.mailbox, message.uid, "is not found by its THREADID");
    }
    PH_CHECK(indexSize(kEmailIds.index(), user_.emailIds));
    PH_CHECK(indexSize(kThreads.index(), user_.threads));
    return indexSize(kMessageIds, user_.messageIds);
  }

  Result<bool> listed(const HashLists& lists, const IndexState& state, std::uint64_t id,
                      std::uint64_t place) {
    PH_TRY(const auto places, lists.all(*source_, state, id));
    return std::find(places.begin(), places.end(), place) != places.end();
  }

  /// Every pair is in its bucket, and there are as many as the user record says.
  Status indexSize(const HashIndex& index, const IndexState& state) {
    std::uint64_t count = 0;
    PH_CHECK(each(key::of(index.family()), [&](View at, View value) {
      const auto bucket = getBe<std::uint32_t>(at, 1);
      const auto pairs = HashIndex::decode(value);
      if (!pairs.ok() || bucket >= state.buckets) return say(0, 0, "a bucket of an index cannot be read");
      count += pairs.value().size();
      for (const auto& pair : pairs.value())
        expect(HashIndex::bucketOf(pair.key, state.buckets) == bucket, 0, 0,
               "an index has a pair out of place");
    }));
    expect(count == state.entries, 0, 0, "the size of an index is wrong");
    return {};
  }

  Status listChanges() {
    return each(key::of('L'), [&](View at, View value) {
      const auto change = decodeListChange(at, value);
      if (!change.ok()) return say(0, 0, "a change of the mailbox list cannot be read");
      expect(change.value().modseq <= user_.modseq, 0, 0,
             "a change of the list is of a MODSEQ not given out");
    });
  }

  void account() {
    expect(user_.used == used_, 0, 0, "the use of the quota is not the sum of the mailboxes");
  }

  Status readsBack(const Message& message) {
    Domain& domain = account_.domain();
    PH_CHECK(domain.verify(message.cold.blob));
    PH_TRY(const auto record, readRecord(domain, message.cold.blob));
    const MessageFacts& facts = message.cold.facts;
    const bool same = record.facts.emailId == facts.emailId && record.facts.size == facts.size &&
                      record.facts.headerLength == facts.headerLength && record.facts.lines == facts.lines &&
                      record.bodyOffset == message.cold.bodyOffset;
    return same ? Status() : makeError(Errc::Corrupt, "its text is that of another message");
  }

  /// A body that cannot be read is no damage when its message has been expunged or moved meanwhile.
  bool stillThere(const Message& message) {
    const auto now = account_.domain().snapshot();
    if (!now.ok()) return true;
    const auto value = now.value()->get(key::cold(message.mailbox, message.uid >> kColdShift));
    if (!value.ok()) return false;
    const auto block = ColdBlock::decode(value.value());
    return block.ok() && block.value().entries.at(message.uid % kColdUids).blob == message.cold.blob;
  }

  const AccountHandle& account_;
  Snapshot* source_ = nullptr;
  CheckReport report_;
  UserRecord user_;
  QuotaUse used_;
  std::map<MailboxNo, std::string> names_;
  std::set<MailboxNo> records_;
  std::vector<Message> messages_;
  std::set<std::pair<MailboxNo, Id128>> plainUidls_;
  std::unordered_map<Id128, BodyUse, IdHash> bodies_;
};

}  // namespace

Result<CheckReport> check(const AccountHandle& account, CheckDepth depth) {
  Checker checker(account);
  {
    PH_TRY(const auto snapshot, account.domain().snapshot());
    PH_CHECK(checker.records(*snapshot));
  }
  if (depth == CheckDepth::Bodies) checker.bodies();
  return checker.take();
}

}  // namespace posthorn::store
