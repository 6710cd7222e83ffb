// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/changes.h"

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "common/store/gone.h"
#include "common/store/ops.h"
#include "common/store/schema.h"

namespace posthorn::store::objects {

namespace {

Error unknown() {
  return makeError(Errc::Conflict, "store: what changed since that state is not known");
}

/// An object that something happened to.
struct Event {
  Modseq first = 0;  ///< the earliest that is known, after `since`; 0: none yet
  bool was = false;  ///< there at `since`
  bool is = false;   ///< there now

  void at(Modseq modseq, Modseq since) {
    if (modseq > since && (first == 0 || modseq < first)) first = modseq;
  }
};

template <typename Id>
using Events = std::map<Id, Event>;

/// Puts events into lists, up to `most`, in the order of time and of ids.
template <typename Id>
ChangeList<Id> listed(const Events<Id>& events, const Known<Id>& since, Modseq now, std::uint32_t most) {
  using Place = std::pair<Modseq, Id>;
  ChangeList<Id> list;
  list.newState = now;
  std::vector<Place> places;
  for (const auto& [id, event] : events)
    if (event.was || event.is) places.emplace_back(event.first, id);
  std::optional<Place> end;  // the last one that is told
  if (most != 0 && places.size() > most) {
    std::nth_element(places.begin(), places.begin() + most, places.end());
    end = *std::max_element(places.begin(), places.begin() + most);
    list.more = true;
    list.newState = places[most].first - 1;
    // Whole commits, unless already the first one is too large.
    if (list.newState > since.modseq) end.reset();
    if (list.newState <= since.modseq) list.newAfter = end->second;
  }
  for (const auto& [id, event] : events) {
    if (end ? Place(event.first, id) > *end : event.first > list.newState) continue;
    if (event.was && event.is) list.updated.push_back(id);
    if (!event.was && event.is) list.created.push_back(id);
    if (event.was && !event.is) list.destroyed.push_back(id);
  }
  return list;
}

/// Collects what happened to messages.
class EmailScan {
 public:
  EmailScan(Snapshot& from, const AccountHandle& account, const Asker& asker, Modseq since)
      : from_(from), account_(account), asker_(asker), since_(since) {}

  Status run() {
    PH_TRY(user_, readUser(from_));
    if (since_ > user_.modseq) return unknown();
    PH_TRY(boxes_, boxesOf(from_, account_, asker_));
    places_.emplace(from_, boxes_);
    if (since_ == user_.modseq) return {};
    if (user_.goneFloor == 0 || since_ < user_.goneFloor) return unknown();
    PH_CHECK(checkRights());
    for (std::size_t i = 0; i < boxes_.size(); ++i)
      if (boxes_[i].readable()) PH_CHECK(live(i));
    if (!asker_) PH_CHECK(dying());
    PH_CHECK(gone());
    return lookUpRest();
  }

  [[nodiscard]] const UserRecord& user() const { return user_; }
  [[nodiscard]] const std::vector<Box>& boxes() const { return boxes_; }
  [[nodiscard]] std::map<Id128, Event>& emails() { return emails_; }
  [[nodiscard]] std::uint64_t threadOf(const Id128& email) const { return threads_.at(email); }
  [[nodiscard]] Places& places() { return *places_; }
  [[nodiscard]] Modseq since() const { return since_; }

  /// Whether a copy that is there was seen at `since`.
  [[nodiscard]] bool wasSeen(const Found& copy) const {
    if (copy.cold.facts.createdModseq > since_) return false;
    // What bears \Deleted has done so since its MODSEQ, see flags.cc.
    return !copy.deleted() || copy.hot.modseq > since_;
  }

 private:
  /// Who is not the owner does not know what he could see before the rights, or a mailbox itself, changed.
  Status checkRights() {
    if (!asker_) return {};
    if (since_ < user_.listFloor) return unknown();
    Status broken;
    PH_CHECK(from_.scan(key::of('L', since_ + 1), key::after(key::of('L')), [&](View at, View value) {
      const auto change = decodeListChange(at, value);
      if (!change.ok()) broken = change.error();
      if (change.ok() && change->kind != ListChange::Kind::Subscribed) broken = unknown();
      return broken.ok();
    }));
    return broken;
  }

  void note(const Found& copy, Modseq since) {
    Event& event = emails_[copy.cold.facts.emailId];
    threads_[copy.cold.facts.emailId] = copy.cold.facts.threadId;
    event.at(copy.hot.modseq, since_);
    event.at(copy.cold.facts.createdModseq, since_);
    event.at(since, since_);
    event.is = event.is || !copy.deleted();
    event.was = event.was || wasSeen(copy);
    if (copy.cold.shared) copied_.insert(copy.cold.facts.emailId);
  }

  /// A mailbox that is there: messages with a later MODSEQ, or all when it has got its id since.
  Status live(std::size_t index) {
    const Box& box = boxes_[index];
    if (box.record.highestModseq <= since_) return {};
    const bool all = box.record.createdModseq > since_;
    std::vector<Uid> changed;
    PH_CHECK(changedIn(box, all, changed));
    for (const Uid uid : changed) {
      PH_TRY(const auto found, places_->at(box.number, uid));
      if (!found) return makeError(Errc::Corrupt, "store: a message has flags but no facts");
      note(*found, box.record.createdModseq);
    }
    return {};
  }

  Status changedIn(const Box& box, bool all, std::vector<Uid>& changed) {
    ReaderSeen seen(from_, box.number, box.reader.get());
    Status broken;
    PH_CHECK(
        from_.scan(key::hot(box.number, 0), key::after(key::of('H', box.number)), [&](View at, View value) {
          const auto number = getBe<std::uint32_t>(at, 5);
          const auto newest = seen.maxModseq(number, getLe<std::uint64_t>(value, 0));
          if (newest.ok() && *newest <= since_ && !all) return true;
          auto block = HotBlock::decode(value);
          broken = !newest.ok() ? Status(newest.error())
                   : block.ok() ? seen.apply(number, *block)
                                : Status(block.error());
          if (!broken.ok()) return false;
          for (std::uint64_t bits = block->present; bits != 0; bits &= bits - 1) {
            const auto i = static_cast<unsigned>(std::countr_zero(bits));
            if (all || block->entries.at(i).modseq > since_) changed.push_back((number << kHotShift) + i);
          }
          return true;
        }));
    return broken;
  }

  void noteGone(Modseq modseq, const Gone& gone) {
    Event& event = emails_[gone.emailId];
    threads_[gone.emailId] = gone.threadId;
    const Modseq until = gone.until == 0 ? modseq : gone.until;
    event.at(gone.since, since_);
    event.at(gone.until, since_);
    event.at(modseq, since_);
    event.was = event.was || (gone.since <= since_ && since_ < until);
    copied_.insert(gone.emailId);
  }

  /// A mailbox that was removed and still holds messages: what is not buried yet is gone all the same.
  Status dying() {
    if (user_.dying == 0) return {};
    std::vector<Box> going;
    Status broken;
    PH_CHECK(from_.scan(key::of('M'), key::after(key::of('M')), [&](View at, View value) {
      auto record = MailboxRecord::decode(value);
      if (!record.ok()) broken = record.error();
      if (record.ok() && record->dying && record->listModseq > since_) {
        Box box;
        box.number = getBe<std::uint32_t>(at, 1);
        box.record = *std::move(record);
        going.push_back(std::move(box));
      }
      return broken.ok();
    }));
    PH_CHECK(broken);
    Places places(from_, going);
    for (const Box& box : going) {
      std::vector<Uid> uids;
      PH_CHECK(changedIn(box, true, uids));
      for (const Uid uid : uids) {
        PH_TRY(const auto found, places.at(box.number, uid));
        if (!found) continue;
        const MessageFacts& facts = found->cold.facts;
        noteGone(box.record.listModseq, {facts.emailId, facts.threadId, facts.createdModseq,
                                         found->deleted() ? found->hot.modseq : 0});
      }
    }
    return {};
  }

  Status gone() {
    return eachGone(from_, since_, [&](MailboxNo mailbox, Modseq modseq, const Gone& gone) {
      if (!asker_ || places_->boxOf(mailbox)) noteGone(modseq, gone);
      return true;
    });
  }

  /// Other copies, which nothing may have happened to.
  Status lookUpRest() {
    for (const Id128& id : copied_) {
      Event& event = emails_[id];
      PH_TRY(const auto copies, places_->email(user_, id));
      for (const Found& copy : copies) {
        event.is = event.is || !copy.deleted();
        event.was = event.was || wasSeen(copy);
      }
    }
    return {};
  }

  Snapshot& from_;
  const AccountHandle& account_;
  const Asker& asker_;
  Modseq since_;
  UserRecord user_;
  std::vector<Box> boxes_;
  std::optional<Places> places_;
  std::map<Id128, Event> emails_;
  std::map<Id128, std::uint64_t> threads_;
  std::set<Id128> copied_;
};

/// The threads of messages that came or went.
Result<std::map<std::uint64_t, Event>> threadEvents(EmailScan& scan) {
  std::map<std::uint64_t, Event> threads;
  for (const auto& [id, event] : scan.emails()) {
    Event& thread = threads[scan.threadOf(id)];
    // A message that only changed keeps the thread what it is, and tells that it was there. One that came and
    // went may have begun it: at an intermediate state it is there.
    if (!event.was || !event.is) thread.at(event.first, scan.since());
    thread.was = thread.was || event.was;
    thread.is = thread.is || event.is;
  }
  std::erase_if(threads, [](const auto& one) { return one.second.first == 0; });
  for (auto& [id, thread] : threads) {
    if (thread.was && thread.is) continue;
    PH_TRY(const auto members, scan.places().thread(scan.user(), id));
    for (const Found& member : members) {
      thread.is = thread.is || !member.deleted();
      thread.was = thread.was || scan.wasSeen(member);
    }
  }
  return threads;
}

/// Whose counts depend on messages that changed: a thread's unread message counts in every mailbox that has
/// a message of it. In parts of `most` that is not worth while beyond a bound: Conflict.
Status touchCounts(EmailScan& scan, std::uint32_t most, std::map<Id128, Event>& mailboxes) {
  // Beyond this it is cheaper for all to count anew.
  constexpr std::size_t kMostThreads = 2000;
  std::map<std::uint64_t, Modseq> threads;
  for (const auto& [id, event] : scan.emails()) {
    Modseq& first = threads[scan.threadOf(id)];
    if (first == 0 || event.first < first) first = event.first;
  }
  if (threads.size() > kMostThreads) {
    if (most != 0 && scan.boxes().size() > most) return unknown();
    for (const Box& box : scan.boxes()) mailboxes[box.record.mailboxId].at(scan.since() + 1, scan.since());
    return {};
  }
  for (const auto& [id, first] : threads) {
    PH_TRY(const auto members, scan.places().thread(scan.user(), id));
    for (const Found& member : members)
      mailboxes[scan.boxes()[member.box].record.mailboxId].at(first, scan.since());
  }
  return {};
}

Status listEvents(Snapshot& from, const std::vector<Box>& boxes, Modseq since,
                  std::map<Id128, Event>& mailboxes, std::set<Id128>& changed) {
  Status broken;
  PH_CHECK(from.scan(key::of('L', since + 1), key::after(key::of('L')), [&](View at, View value) {
    const auto change = decodeListChange(at, value);
    if (!change.ok()) broken = change.error();
    if (!change.ok()) return false;
    Event& event = mailboxes[change->mailboxId];
    event.at(change->modseq, since);
    changed.insert(change->mailboxId);
    // Which one is the trash decides what all others count.
    if (change->kind == ListChange::Kind::Changed)
      for (const Box& box : boxes) mailboxes[box.record.mailboxId].at(change->modseq, since);
    // It is none of those that are there, or is said to be there below.
    if (change->kind == ListChange::Kind::Deleted) event.was = true;
    return true;
  }));
  return broken;
}

/// The events after what is known, by a function that tells those after a MODSEQ. Of objects up to
/// `since.after` the next MODSEQ is known as well.
template <typename Id, typename After>
Result<Events<Id>> eventsSince(const Known<Id>& since, After after) {
  PH_TRY(Events<Id> events, after(since.modseq));
  if (!since.after) return events;
  PH_TRY(Events<Id> later, after(since.modseq + 1));
  events.erase(events.begin(), events.upper_bound(*since.after));
  later.erase(later.upper_bound(*since.after), later.end());
  events.merge(later);
  return events;
}

/// What the events of mailboxes need beside the scan of messages.
Status mailboxEvents(Snapshot& from, EmailScan& scan, std::uint32_t most, Events<Id128>& mailboxes,
                     std::set<Id128>& changed) {
  const Modseq since = scan.since();
  if (since < scan.user().listFloor) return unknown();
  PH_CHECK(listEvents(from, scan.boxes(), since, mailboxes, changed));
  PH_CHECK(touchCounts(scan, most, mailboxes));
  for (const Box& box : scan.boxes()) {
    const MailboxRecord& record = box.record;
    Event& event = mailboxes[record.mailboxId];
    event.at(record.createdModseq, since);
    event.at(record.highestModseq, since);
    event.is = true;
    event.was = record.createdModseq <= since;
  }
  std::erase_if(mailboxes, [](const auto& one) { return one.second.first == 0; });
  return {};
}

}  // namespace

Result<ChangeList<Id128>> emailChanges(const AccountHandle& account, const Asker& asker,
                                       const Known<Id128>& since, std::uint32_t most) {
  PH_TRY(const auto snapshot, account.domain().snapshot());
  Modseq now = 0;
  const auto after = [&](Modseq modseq) -> Result<Events<Id128>> {
    EmailScan scan(*snapshot, account, asker, modseq);
    PH_CHECK(scan.run());
    now = scan.user().modseq;
    return std::move(scan.emails());
  };
  PH_TRY(const auto events, eventsSince(since, after));
  return listed(events, since, now, most);
}

Result<ChangeList<std::uint64_t>> threadChanges(const AccountHandle& account, const Asker& asker,
                                                const Known<std::uint64_t>& since, std::uint32_t most) {
  PH_TRY(const auto snapshot, account.domain().snapshot());
  Modseq now = 0;
  const auto after = [&](Modseq modseq) -> Result<Events<std::uint64_t>> {
    EmailScan scan(*snapshot, account, asker, modseq);
    PH_CHECK(scan.run());
    now = scan.user().modseq;
    return threadEvents(scan);
  };
  PH_TRY(const auto events, eventsSince(since, after));
  return listed(events, since, now, most);
}

Result<ChangeList<Id128>> mailboxChanges(const AccountHandle& account, const Asker& asker,
                                         const Known<Id128>& since, std::uint32_t most) {
  PH_TRY(const auto snapshot, account.domain().snapshot());
  Modseq now = 0;
  std::set<Id128> changed;
  const auto after = [&](Modseq modseq) -> Result<Events<Id128>> {
    EmailScan scan(*snapshot, account, asker, modseq);
    PH_CHECK(scan.run());
    now = scan.user().modseq;
    Events<Id128> mailboxes;
    PH_CHECK(mailboxEvents(*snapshot, scan, most, mailboxes, changed));
    return mailboxes;
  };
  PH_TRY(const auto events, eventsSince(since, after));
  auto list = listed(events, since, now, most);
  list.countsOnly =
      !list.updated.empty() && std::none_of(list.updated.begin(), list.updated.end(),
                                            [&](const Id128& id) { return changed.contains(id); });
  return list;
}

}  // namespace posthorn::store::objects
