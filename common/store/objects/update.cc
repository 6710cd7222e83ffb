// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/update.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "common/base/ascii.h"
#include "common/store/copier.h"
#include "common/store/hash_index.h"
#include "common/store/news.h"
#include "common/store/ops.h"
#include "common/store/schema.h"

namespace posthorn::store::objects {

namespace {

using Kind = EmailOutcome::Kind;

/// Flags of a message over all its copies.
struct FlagState {
  SystemFlags system = 0;
  std::vector<std::string> keywords;

  void add(const FlagName& flag) {
    system = static_cast<SystemFlags>(system | flag.system);
    if (flag.system == 0 && find(flag.keyword) == keywords.end()) keywords.push_back(flag.keyword);
  }
  void drop(const FlagName& flag) {
    system = static_cast<SystemFlags>(system & ~flag.system);
    const auto at = flag.system == 0 ? find(flag.keyword) : keywords.end();
    if (at != keywords.end()) keywords.erase(at);
  }
  [[nodiscard]] bool sameKeywords(const FlagState& other) const {
    return keywords.size() == other.keywords.size() &&
           std::all_of(keywords.begin(), keywords.end(), [&](const std::string& name) {
             return std::any_of(other.keywords.begin(), other.keywords.end(),
                                [&](const std::string& his) { return ascii::equal(name, his); });
           });
  }

 private:
  std::vector<std::string>::iterator find(const std::string& name) {
    return std::find_if(keywords.begin(), keywords.end(),
                        [&](const std::string& other) { return ascii::equal(other, name); });
  }
};

/// What one commit tells when it is durable.
struct News {
  struct Flags {
    FlagState now;
    FlagNews uids;
  };
  struct OfBox {
    MailboxRecord after;
    std::vector<Flags> flags;                      // by what they have now
    std::map<MailboxNo, std::vector<Uid>> copied;  // by source
    std::vector<Uid> gone;
  };
  std::map<MailboxNo, OfBox> boxes;
};

/// The changes of one commit.
class Updater {
 public:
  Updater(Edit& edit, const AccountHandle& account, const Asker& asker, std::int64_t now)
      : edit_(edit), account_(account), asker_(asker), now_(now) {}

  Status begin(const std::optional<Modseq>& ifState, Modseq& before) {
    PH_TRY(user_, edit_.user());
    before = user_->modseq;
    if (ifState && *ifState != before)
      return makeError(Errc::Conflict, "store: the account's state is another");
    PH_TRY(boxes_, boxesOf(edit_.batch(), account_, asker_));
    for (std::size_t i = 0; i < boxes_.size(); ++i) {
      if (!boxes_[i].readable()) continue;
      byNumber_.emplace(boxes_[i].number, i);
      byId_.emplace(boxes_[i].record.mailboxId, i);
    }
    return {};
  }

  Result<EmailOutcome> one(const EmailUpdate& update) {
    PH_TRY(auto copies, copiesOf(update.id));
    const auto visible =
        std::partition(copies.begin(), copies.end(), [](const Copy& c) { return !c.deleted; });
    if (visible == copies.begin()) return EmailOutcome{Kind::NotFound, {}};
    if (update.destroy) return destroy(copies);
    copies.erase(visible, copies.end());
    return change(update, copies);
  }

  /// Tombstones, and what is to be told.
  Status finish(News& news) {
    for (auto& [number, tombstones] : tombstones_)
      PH_CHECK(addTombstones(edit_, open_.at(number), tombstones));
    for (auto& [number, open] : open_) news_.boxes[number].after = *open.record;
    news = std::move(news_);
    return {};
  }
  [[nodiscard]] bool changed() const { return modseq_ != 0; }
  [[nodiscard]] Modseq modseq() const { return user_->modseq; }
  [[nodiscard]] const std::vector<Box>& boxes() const { return boxes_; }

 private:
  struct Copy {
    std::size_t box = 0;
    Uid uid = 0;
    bool deleted = false;
    FlagState flags;
  };
  using Copies = std::vector<Copy>;

  Result<Copies> copiesOf(const Id128& emailId) {
    PH_TRY(const auto packed, kEmailIds.all(edit_, user_->emailIds, indexKey(emailId)));
    Copies copies;
    for (const std::uint64_t place : packed) {
      const auto box = byNumber_.find(mailboxOf(place));
      if (box == byNumber_.end()) continue;
      const Uid uid = uidOf(place);
      PH_TRY(const auto* hot, edit_.hot(box->first, uid >> kHotShift));
      PH_TRY(const auto* cold, edit_.cold(box->first, uid >> kColdShift));
      const unsigned at = uid % kColdUids;
      if (!hot->value.has(uid % kHotUids) || !cold->value.has(at)) continue;
      if (cold->value.entries.at(at).facts.emailId != emailId) continue;
      Copy copy{box->second, uid, false, {}};
      PH_CHECK(readFlags(copy, hot->value.entries.at(uid % kHotUids)));
      copies.push_back(std::move(copy));
    }
    std::sort(copies.begin(), copies.end(),
              [](const Copy& a, const Copy& b) { return std::pair(a.box, a.uid) < std::pair(b.box, b.uid); });
    return copies;
  }

  /// As the asker sees them, without \Deleted.
  Status readFlags(Copy& copy, const HotBlock::Entry& entry) {
    const Box& box = boxes_[copy.box];
    copy.deleted = (entry.flags & kDeleted) != 0;
    copy.flags.system = static_cast<SystemFlags>(entry.flags & ~kDeleted);
    if (box.reader) {
      PH_TRY(const SeenBlock his, SeenEdit(edit_, box.number, *box.reader).read(copy.uid >> kHotShift));
      const bool seen = (his.seen >> (copy.uid % kHotUids) & 1U) != 0;
      copy.flags.system = static_cast<SystemFlags>((copy.flags.system & ~kSeen) | (seen ? kSeen : 0));
    }
    if (entry.keywords == 0) return {};
    PH_TRY(const auto* table, edit_.keywords(box.number));
    for (std::size_t i = 0; i < table->value.names.size(); ++i)
      if ((entry.keywords >> i & 1U) != 0) copy.flags.add({0, table->value.names[i]});
    return {};
  }

  /// The mailbox at the commit's MODSEQ.
  Result<const OpenBox*> open(std::size_t index) {
    const MailboxNo number = boxes_[index].number;
    if (modseq_ == 0) modseq_ = ++user_->modseq;
    auto known = open_.find(number);
    if (known == open_.end()) {
      OpenBox box;
      box.user = user_;
      box.number = number;
      PH_TRY(box.record, edit_.mailbox(number));
      box.record->highestModseq = modseq_;
      known = open_.emplace(number, box).first;
    }
    return &known->second;
  }

  [[nodiscard]] bool may(std::size_t box, Rights rights) const {
    return (boxes_[box].rights & rights) == rights;
  }

  Status remove(const Copy& copy) {
    PH_TRY(const OpenBox* box, open(copy.box));
    PH_TRY(const ColdEntry cold, takeMessage(edit_, *box, copy.uid));
    PH_CHECK(dropFromIndexes(edit_, *box, copy.uid, cold));
    PH_CHECK(releaseBody(edit_, cold));
    tombstones_[box->number].push_back({copy.uid, cold.facts.emailId, 0});
    news_.boxes[box->number].gone.push_back(copy.uid);
    edit_.weigh(20);
    return {};
  }

  Result<EmailOutcome> destroy(const Copies& copies) {
    for (const Copy& copy : copies)
      if (!may(copy.box, kMayDeleteMessages | kMayExpunge)) return EmailOutcome{Kind::Forbidden, {}};
    for (const Copy& copy : copies) PH_CHECK(remove(copy));
    return EmailOutcome{Kind::Destroyed, {}};
  }

  /// What is to be: flags, and mailboxes by index.
  struct Plan {
    FlagState flags;
    bool flagsAsked = false;
    std::set<std::size_t> now;
    std::set<std::size_t> then;
    std::vector<std::size_t> added;
    std::vector<std::size_t> removed;
  };

  static void planFlags(const EmailUpdate& update, const Copies& copies, Plan& plan) {
    for (const Copy& copy : copies) {
      plan.flags.system = static_cast<SystemFlags>(plan.flags.system | copy.flags.system);
      for (const std::string& name : copy.flags.keywords) plan.flags.add({0, name});
    }
    plan.flagsAsked = update.setFlags || !update.addFlags.empty() || !update.dropFlags.empty();
    if (update.setFlags) plan.flags = FlagState();
    for (const FlagName& flag : update.setFlags ? *update.setFlags : update.addFlags) plan.flags.add(flag);
    for (const FlagName& flag : update.dropFlags) plan.flags.drop(flag);
  }

  /// The mailboxes that are none go into `unknown`.
  void planMailboxes(const EmailUpdate& update, const Copies& copies, Plan& plan,
                     std::vector<Id128>& unknown) const {
    for (const Copy& copy : copies) plan.now.insert(copy.box);
    if (!update.setMailboxes) plan.then = plan.now;
    for (const Id128& id : update.setMailboxes ? *update.setMailboxes : update.addMailboxes) {
      const auto box = byId_.find(id);
      if (box == byId_.end()) unknown.push_back(id);
      if (box != byId_.end()) plan.then.insert(box->second);
    }
    for (const Id128& id : update.dropMailboxes)
      if (const auto box = byId_.find(id); box != byId_.end()) plan.then.erase(box->second);
    std::set_difference(plan.then.begin(), plan.then.end(), plan.now.begin(), plan.now.end(),
                        std::back_inserter(plan.added));
    std::set_difference(plan.now.begin(), plan.now.end(), plan.then.begin(), plan.then.end(),
                        std::back_inserter(plan.removed));
  }

  /// Whether all copies' flags may become the plan's.
  [[nodiscard]] bool mayFlag(const Copies& copies, const Plan& plan) const {
    for (const Copy& copy : copies) {
      const unsigned changed = copy.flags.system ^ plan.flags.system;
      const bool other = (changed & ~kSeen) != 0 || !copy.flags.sameKeywords(plan.flags);
      if ((changed & kSeen) != 0 && !may(copy.box, kMayKeepSeen)) return false;
      if (other && !may(copy.box, kMayWrite)) return false;
    }
    return true;
  }

  Result<EmailOutcome> change(const EmailUpdate& update, const Copies& copies) {
    Plan plan;
    std::vector<Id128> unknown;
    planFlags(update, copies, plan);
    planMailboxes(update, copies, plan, unknown);
    if (!unknown.empty()) return EmailOutcome{Kind::NoMailbox, std::move(unknown)};
    if (plan.then.empty()) return EmailOutcome{Kind::NoMailboxLeft, {}};
    if (plan.then.size() > kMostMailboxesOfEmail) return EmailOutcome{Kind::TooManyMailboxes, {}};
    for (const std::size_t box : plan.added)
      if (!may(box, kMayInsert)) return EmailOutcome{Kind::Forbidden, {}};
    for (const std::size_t box : plan.removed)
      if (!may(box, kMayDeleteMessages | kMayExpunge)) return EmailOutcome{Kind::Forbidden, {}};
    if (plan.flagsAsked && !mayFlag(copies, plan)) return EmailOutcome{Kind::Forbidden, {}};
    PH_TRY(const bool room, hasRoom(copies, plan));
    if (!room) return EmailOutcome{Kind::OverQuota, {}};
    PH_TRY(const bool keywords, reserveKeywords(copies, plan));
    if (!keywords) return EmailOutcome{Kind::TooManyKeywords, {}};
    const bool moves = !plan.added.empty() || !plan.removed.empty();
    if (plan.flagsAsked || (moves && mayFlag(copies, plan)))
      for (const Copy& copy : copies) PH_CHECK(setFlags(copy, plan.flags));
    PH_CHECK(setMailboxes(copies, plan));
    return EmailOutcome{};
  }

  /// What goes away makes room for what is added.
  Result<bool> hasRoom(const Copies& copies, const Plan& plan) {
    std::size_t going = 0;
    for (const Copy& copy : copies) going += plan.then.contains(copy.box) ? 0 : 1;
    if (plan.added.size() <= going) return true;
    const std::size_t more = plan.added.size() - going;
    PH_TRY(const auto* cold, edit_.cold(boxes_[copies.front().box].number, copies.front().uid >> kColdShift));
    const std::uint64_t size = cold->value.entries.at(copies.front().uid % kColdUids).facts.size;
    const Status room = checkRoom(account_, user_->used, {size * more, more});
    if (!room.ok() && room.error().code != Errc::OverQuota) return room.error();
    return room.ok();
  }

  /// Places in the keyword tables of all mailboxes that the message will be in, before anything is changed.
  Result<bool> reserveKeywords(const Copies& copies, const Plan& plan) {
    std::set<std::size_t> boxes(plan.then);
    for (const Copy& copy : copies) boxes.insert(copy.box);
    for (const std::size_t box : boxes) {
      if (!may(box, kMayWrite)) continue;
      const auto bits = mapper(box).bits(plan.flags.keywords);
      if (!bits.ok() && bits.error().code == Errc::Limit) return false;
      if (!bits.ok()) return bits.error();
    }
    return true;
  }

  KeywordMapper& mapper(std::size_t box) {
    return mappers_.try_emplace(box, edit_, boxes_[box].number).first->second;
  }

  Status setFlags(const Copy& copy, const FlagState& then) {
    if (copy.flags.system == then.system && copy.flags.sameKeywords(then)) return {};
    const Box& at = boxes_[copy.box];
    PH_TRY(const OpenBox* box, open(copy.box));
    PH_TRY(auto* slot, edit_.hot(box->number, copy.uid >> kHotShift));
    HotBlock::Entry entry = slot->value.entries.at(copy.uid % kHotUids);
    const HotBlock::Entry before = entry;
    SystemFlags mine = kAllFlags & ~kDeleted;
    if (at.reader) mine = static_cast<SystemFlags>(at.reader->flags() & ~kDeleted & ~kSeen);
    entry.flags = static_cast<SystemFlags>((entry.flags & ~mine) | (then.system & mine));
    if (may(copy.box, kMayWrite)) {
      PH_TRY(entry.keywords, mapper(copy.box).bits(then.keywords));
    }
    if (at.reader && may(copy.box, kMayKeepSeen)) PH_CHECK(setReadersSeen(*at.reader, *box, copy, then));
    note(*box, copy, then);
    if (entry == before) return {};
    entry.modseq = modseq_;
    if (((before.flags ^ entry.flags) & kSeen) != 0)
      box->record->unseen += (entry.flags & kSeen) != 0 ? std::uint32_t(-1) : 1U;
    edit_.touch(slot);
    slot->value.set(copy.uid % kHotUids, entry);
    return {};
  }

  Status setReadersSeen(const Reader& reader, const OpenBox& box, const Copy& copy, const FlagState& then) {
    if (((copy.flags.system ^ then.system) & kSeen) == 0) return {};
    SeenEdit edit(edit_, box.number, reader);
    PH_TRY(SeenBlock his, edit.read(copy.uid >> kHotShift));
    his.set(copy.uid % kHotUids, (then.system & kSeen) != 0, modseq_);
    return edit.write(copy.uid >> kHotShift, his);
  }

  void note(const OpenBox& box, const Copy& copy, const FlagState& then) {
    auto& all = news_.boxes[box.number].flags;
    auto group = std::find_if(all.begin(), all.end(), [&](const News::Flags& one) {
      return one.now.system == then.system && one.now.sameKeywords(then);
    });
    if (group == all.end()) group = all.insert(all.end(), News::Flags{then, {}});
    const unsigned changed = copy.flags.system ^ then.system;
    if ((changed & kSeen) != 0)
      ((then.system & kSeen) != 0 ? group->uids.read : group->uids.unread).push_back(copy.uid);
    if ((changed & ~kSeen) != 0 || !copy.flags.sameKeywords(then)) group->uids.other.push_back(copy.uid);
  }

  /// What leaves one mailbox for another is moved, further ones are copied, and what is left over goes.
  Status setMailboxes(const Copies& copies, const Plan& plan) {
    Copies going;
    for (const Copy& copy : copies)
      if (!plan.then.contains(copy.box)) going.push_back(copy);
    std::size_t added = 0;
    // Copies first: what they are made of may be moved then.
    const std::size_t moves = std::min(going.size(), plan.added.size());
    for (; added + moves < plan.added.size(); ++added)
      PH_CHECK(transfer(copies.front(), plan.added[added], Copier::Mode::Copy));
    for (std::size_t i = 0; i < going.size(); ++i) {
      if (added < plan.added.size())
        PH_CHECK(transfer(going[i], plan.added[added++], Copier::Mode::Move));
      else
        PH_CHECK(remove(going[i]));
    }
    return {};
  }

  Status transfer(const Copy& copy, std::size_t to, Copier::Mode mode) {
    PH_TRY(const OpenBox* target, open(to));
    const OpenBox* source = nullptr;
    if (mode == Copier::Mode::Move) {
      PH_TRY(source, open(copy.box));
    }
    // A copy's source is written to without a new MODSEQ: what it says of the message stays the same.
    OpenBox other;
    other.user = user_;
    other.number = boxes_[copy.box].number;
    if (source == nullptr) source = &other;
    CopyResult result;
    Copier copier(edit_, *source, *target, {mode, now_, boxes_[to].reader.get()});
    PH_CHECK(copier.one(copy.uid, result));
    News::OfBox& news = news_.boxes[target->number];
    news.copied[source->number].insert(news.copied[source->number].end(), result.target.begin(),
                                       result.target.end());
    if (mode != Copier::Mode::Move) return {};
    auto& tombstones = tombstones_[source->number];
    tombstones.insert(tombstones.end(), copier.tombstones().begin(), copier.tombstones().end());
    news_.boxes[source->number].gone.push_back(copy.uid);
    return {};
  }

  Edit& edit_;
  const AccountHandle& account_;
  const Asker& asker_;
  std::int64_t now_;
  UserRecord* user_ = nullptr;
  Modseq modseq_ = 0;  // of this commit, once it changes something
  std::vector<Box> boxes_;
  std::map<MailboxNo, std::size_t> byNumber_;
  std::map<Id128, std::size_t> byId_;
  std::map<MailboxNo, OpenBox> open_;
  std::map<std::size_t, KeywordMapper> mappers_;
  std::map<MailboxNo, std::vector<Tombstone>> tombstones_;
  News news_;
};

MailboxHandle handleOf(const AccountHandle& account, const std::vector<Box>& boxes, MailboxNo number) {
  const auto box = std::find_if(boxes.begin(), boxes.end(), [&](const Box& b) { return b.number == number; });
  if (box == boxes.end()) return {account, number, 0};
  return {account, number, box->record.uidValidity, box->name};
}

void tell(const AccountHandle& account, const std::vector<Box>& boxes, News& news) {
  for (auto& [number, box] : news.boxes) {
    const MailboxHandle handle = handleOf(account, boxes, number);
    for (News::Flags& flags : box.flags) {
      FlagChange change;
      change.mode = FlagChange::Mode::Replace;
      change.flags = flags.now.system;
      change.keywords = flags.now.keywords;
      for (auto* uids : {&flags.uids.read, &flags.uids.unread, &flags.uids.other})
        std::sort(uids->begin(), uids->end());
      tellFlags(handle, change, flags.uids, box.after);
    }
    for (auto& [source, uids] : box.copied) {
      std::sort(uids.begin(), uids.end());
      tellCopied(handleOf(account, boxes, source), handle, uids, box.after);
    }
    std::sort(box.gone.begin(), box.gone.end());
    tellGone(handle, box.gone, false, box.after);
  }
}

/// One commit's share: the messages from `done` on, as many as fit.
struct Step {
  std::vector<EmailOutcome> outcomes;
  std::vector<Box> boxes;
  News news;
  Modseq before = 0;
  Modseq after = 0;
};

Status runStep(Edit& edit, const AccountHandle& account, const Asker& asker,
               const std::optional<Modseq>& ifState, std::span<const EmailUpdate> updates, Step& step) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(account.clock().wall().time_since_epoch()).count();
  step = Step{};
  Updater updater(edit, account, asker, now);
  PH_CHECK(updater.begin(ifState, step.before));
  step.after = step.before;
  for (const EmailUpdate& update : updates) {
    if (ifState && edit.weight() > kFullWhole)
      return makeError(Errc::Limit, "store: that is too much for one commit");
    if (!ifState && edit.full()) break;
    PH_TRY(EmailOutcome outcome, updater.one(update));
    step.outcomes.push_back(std::move(outcome));
  }
  if (!updater.changed()) return nothingToDo();
  step.after = updater.modseq();
  step.boxes = updater.boxes();
  return updater.finish(step.news);
}

}  // namespace

Result<EmailOutcomes> updateEmails(const AccountHandle& account, const Asker& asker,
                                   std::optional<Modseq> ifState, std::span<const EmailUpdate> updates) {
  EmailOutcomes all;
  Step step;
  do {
    const auto rest = updates.subspan(all.outcomes.size());
    const auto done = commitSome(account, Sync::Durable, [&](Edit& edit) {
      return runStep(edit, account, asker, ifState, rest, step);
    });
    if (!done.ok()) return done.error();
    if (*done) tell(account, step.boxes, step.news);
    // Between two commits somebody else's may come, which `before` must not hide.
    if (all.outcomes.empty() || step.before != all.after) all.before = step.before;
    all.after = step.after;
    std::move(step.outcomes.begin(), step.outcomes.end(), std::back_inserter(all.outcomes));
  } while (all.outcomes.size() < updates.size());
  const bool full = std::any_of(all.outcomes.begin(), all.outcomes.end(),
                                [](const EmailOutcome& one) { return one.kind == Kind::OverQuota; });
  if (full) tellQuotaEvent(account, QuotaNews::Over);
  return all;
}

}  // namespace posthorn::store::objects
