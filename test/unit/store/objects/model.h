// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <string>
#include <vector>

#include "common/store/objects/update.h"
#include "test/unit/store/objects/view.h"

namespace posthorn::store::test {

/// Does random things to an account, as IMAP and JMAP would.
class Chaos {
 public:
  Chaos(World& world, unsigned seed) : world_(world), random_(seed) {
    must(world.account.create("Trash", kUseTrash));
    must(world.account.create("Work"));
    must(world.account.create("Work/Old"));
  }

  void step() {
    switch (pick(14)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return arrive();
      case 4:
      case 5:
        return flag();
      case 6:
        return transfer(true);
      case 7:
        return transfer(false);
      case 8:
        return expunge();
      case 9:
        return list();
      default:
        return update();
    }
  }
  unsigned pick(unsigned below) { return std::uniform_int_distribution<unsigned>(0, below - 1)(random_); }

 private:
  std::string name() {
    std::vector<std::string> names;
    for (const MailboxEntry& entry : must(world_.account.list()))
      if (entry.exists) names.push_back(entry.name);
    return names[pick(static_cast<unsigned>(names.size()))];
  }
  UidSet some(const MailboxHandle& box) {
    std::vector<Uid> uids;
    for (const Uid uid : must(box.uids()))
      if (pick(4) == 0) uids.push_back(uid);
    return UidSet::of(uids);
  }
  SystemFlags flags() {
    constexpr SystemFlags kOnes[]{kSeen, kAnswered, kFlagged, kDeleted, kDraft};
    return kOnes[pick(5)];
  }
  std::vector<std::string> keywords() {
    return pick(3) == 0 ? std::vector<std::string>{"$k" + std::to_string(pick(4))}
                        : std::vector<std::string>{};
  }

  void arrive() {
    ++letters_;
    const unsigned parent = letters_ > 3 && pick(2) == 0 ? 1 + pick(letters_ - 1) : 0;
    append(world_.box(name()), letter(letters_, parent), pick(3) == 0 ? flags() : SystemFlags{0}, keywords());
  }
  void flag() {
    auto box = world_.box(name());
    const FlagChange change{static_cast<FlagChange::Mode>(pick(3)), flags(), keywords(), {}, {}};
    must(box.storeFlags(some(box), change));
  }
  void transfer(bool copy) {
    auto from = world_.box(name());
    auto to = world_.box(name());
    const UidSet uids = some(from);
    if (copy)
      must(from.copy(uids, to));
    else
      must(from.move(uids, to));
  }
  void expunge() {
    auto box = world_.box(name());
    const bool onlyDeleted = pick(2) == 0;
    must(box.expunge(onlyDeleted ? UidSet::all() : some(box), onlyDeleted));
  }
  void list() {
    AccountHandle& account = world_.account;
    const std::string target = name();
    const std::string fresh = "New" + std::to_string(++letters_);
    switch (pick(5)) {
      case 0:
        must(account.create(fresh));
        break;
      case 1:
        if (target != "INBOX" && must(account.list()).size() > 4) must(account.remove(target));
        break;
      case 2:
        must(account.rename(target, fresh));
        break;
      case 3:
        must(account.subscribe(target, pick(2) == 0));
        break;
      default:
        must(account.setSpecialUse(target, pick(2) == 0 ? kUseTrash : kUseArchive));
    }
  }

  void update() {
    const AccountView view = viewOf(world_.account);
    if (view.emails.empty()) return;
    std::vector<Id128> mailboxes;
    for (const auto& [id, mailbox] : view.mailboxes) mailboxes.push_back(id);
    const auto anyBox = [&] { return mailboxes[pick(static_cast<unsigned>(mailboxes.size()))]; };
    std::vector<objects::EmailUpdate> updates;
    for (const auto& [id, email] : view.emails) {
      if (pick(5) != 0) continue;
      objects::EmailUpdate update;
      update.id = id;
      update.destroy = pick(6) == 0;
      if (pick(3) == 0)
        update.setFlags = std::vector<objects::FlagName>{{kSeen, ""}, {0, "$k" + std::to_string(pick(4))}};
      if (!update.setFlags && pick(2) == 0) update.addFlags.push_back({kFlagged, ""});
      if (!update.setFlags && pick(2) == 0) update.dropFlags.push_back({kSeen, ""});
      if (pick(3) == 0) update.setMailboxes = std::vector<Id128>{anyBox(), anyBox()};
      if (!update.setMailboxes && pick(3) == 0) update.addMailboxes.push_back(anyBox());
      if (!update.setMailboxes && pick(3) == 0) update.dropMailboxes.push_back(*email.mailboxes.begin());
      updates.push_back(std::move(update));
    }
    apply(view, updates);
  }

  /// The outcome against what the words of RFC 8621 4.6 make of the view.
  void apply(AccountView view, const std::vector<objects::EmailUpdate>& updates) {
    const auto before = must(world_.account.modseq());
    const auto done = must(objects::updateEmails(world_.account, {}, before, updates));
    REQUIRE(done.outcomes.size() == updates.size());
    CHECK(done.before == before);
    CHECK(done.after == must(world_.account.modseq()));
    for (std::size_t i = 0; i < updates.size(); ++i) expect(view, updates[i], done.outcomes[i]);
    const AccountView now = viewOf(world_.account);
    CHECK(now.emails == view.emails);
  }

  void expect(AccountView& view, const objects::EmailUpdate& update, const objects::EmailOutcome& outcome) {
    using Kind = objects::EmailOutcome::Kind;
    if (update.destroy) {
      CHECK(outcome.kind == Kind::Destroyed);
      view.emails.erase(update.id);
      return;
    }
    EmailView then = view.emails.at(update.id);
    if (update.setMailboxes) then.mailboxes = {update.setMailboxes->begin(), update.setMailboxes->end()};
    for (const Id128& id : update.addMailboxes) then.mailboxes.insert(id);
    for (const Id128& id : update.dropMailboxes) then.mailboxes.erase(id);
    if (then.mailboxes.empty()) {
      CHECK(outcome.kind == Kind::NoMailboxLeft);
      return;
    }
    CHECK(outcome.kind == Kind::Updated);
    if (update.setFlags) {
      then.flags = 0;
      then.keywords.clear();
    }
    for (const auto& flag : update.setFlags.value_or(update.addFlags)) {
      then.flags = static_cast<SystemFlags>(then.flags | flag.system);
      if (flag.system == 0) then.keywords.insert(flag.keyword);
    }
    for (const auto& flag : update.dropFlags)
      then.flags = static_cast<SystemFlags>(then.flags & ~flag.system);
    view.emails.at(update.id) = then;
  }

  World& world_;
  std::mt19937 random_;
  unsigned letters_ = 0;
};

}  // namespace posthorn::store::test
