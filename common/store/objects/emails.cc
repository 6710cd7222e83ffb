// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/emails.h"

#include <unordered_map>
#include <unordered_set>

namespace posthorn::store::objects {

namespace {

struct IdHash {
  // They are random already.
  std::size_t operator()(const Id128& id) const { return getLe<std::uint64_t>(id.view(), 0); }
};

}  // namespace

Result<Emails> Emails::read(Snapshot& from, const AccountHandle& account, const Asker& asker) {
  Emails emails;
  PH_TRY(emails.boxes_, boxesOf(from, account, asker));
  for (const Box& box : emails.boxes_) {
    if (!box.readable()) {
      emails.facts_.push_back(std::make_shared<const Facts>());
      emails.marks_.emplace_back();
      continue;
    }
    PH_TRY(auto facts, factsOf(from, account, box));
    PH_TRY(auto marks, marksOf(from, box));
    if (facts->size() != marks.size())
      return makeError(Errc::Corrupt, "store: a mailbox's flags and facts do not agree");
    emails.facts_.push_back(std::move(facts));
    emails.marks_.push_back(std::move(marks));
  }
  emails.arrange();
  return emails;
}

void Emails::arrange() {
  std::unordered_set<Id128, IdHash> copied;
  std::size_t all = 0;
  for (const auto& facts : facts_) {
    all += facts->size();
    for (const Fact& fact : *facts)
      if (fact.shared) copied.insert(fact.emailId);
  }
  copies_.reserve(all);
  begins_.reserve(all + 1);
  std::unordered_map<Id128, std::vector<Copy>, IdHash> groups;
  for (std::uint32_t box = 0; box < facts_.size(); ++box) {
    for (std::uint32_t row = 0; row < facts_[box]->size(); ++row) {
      if ((marks_[box][row].flags & kDeleted) != 0) continue;
      const Fact& fact = (*facts_[box])[row];
      if (!copied.empty() && copied.contains(fact.emailId)) {
        groups[fact.emailId].push_back({box, row});
        continue;
      }
      copies_.push_back({box, row});
      begins_.push_back(static_cast<std::uint32_t>(copies_.size()));
    }
  }
  for (const auto& [id, group] : groups) {
    copies_.insert(copies_.end(), group.begin(), group.end());
    begins_.push_back(static_cast<std::uint32_t>(copies_.size()));
  }
}

SystemFlags Emails::flags(std::size_t email) const {
  unsigned flags = 0;
  for (const Copy copy : copies(email)) flags |= mark(copy).flags;
  return static_cast<SystemFlags>(flags);
}

}  // namespace posthorn::store::objects
