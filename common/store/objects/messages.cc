// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/messages.h"

#include <algorithm>
#include <map>

#include "common/base/ascii.h"
#include "common/store/ops.h"
#include "common/store/schema.h"

namespace posthorn::store::objects {

namespace {

/// Keyword tables of mailboxes, each read once.
class KeywordNames {
 public:
  KeywordNames(Snapshot& from, const std::vector<Box>& boxes) : from_(from), boxes_(boxes) {}

  /// Adds the names of `bits` that are not among `names` yet.
  Status add(std::size_t box, std::uint64_t bits, std::vector<std::string>& names) {
    if (bits == 0) return {};
    auto known = tables_.find(box);
    if (known == tables_.end()) {
      PH_TRY(const auto value, from_.get(key::keywords(boxes_[box].number)));
      PH_TRY(auto table, KeywordTable::decode(value));
      known = tables_.emplace(box, std::move(table)).first;
    }
    for (std::size_t i = 0; i < known->second.names.size(); ++i) {
      const std::string& name = known->second.names[i];
      if ((bits >> i & 1U) == 0 || name.empty()) continue;
      const bool have = std::any_of(names.begin(), names.end(),
                                    [&](const std::string& other) { return ascii::equal(other, name); });
      if (!have) names.push_back(name);
    }
    return {};
  }

 private:
  Snapshot& from_;
  const std::vector<Box>& boxes_;
  std::map<std::size_t, KeywordTable> tables_;
};

FetchRow rowOf(const Found& copy) {
  FetchRow row;
  row.message = {copy.uid, copy.hot.modseq, copy.hot.flags, copy.hot.keywords, copy.cold.facts};
  row.blob = copy.cold.blob;
  row.bodyOffset = copy.cold.bodyOffset;
  return row;
}

}  // namespace

Result<EmailInfos> emailInfos(const AccountHandle& account, const Asker& asker, std::span<const Id128> ids) {
  PH_TRY(const auto snapshot, account.domain().snapshot());
  PH_TRY(const auto user, readUser(*snapshot));
  PH_TRY(const auto boxes, boxesOf(*snapshot, account, asker));
  Places places(*snapshot, boxes);
  KeywordNames names(*snapshot, boxes);
  EmailInfos infos;
  infos.state = user.modseq;
  for (const Id128& id : ids) {
    PH_TRY(auto copies, places.email(user, id));
    std::erase_if(copies, [](const Found& copy) { return copy.deleted(); });
    if (copies.empty()) continue;
    const Box& box = boxes[copies.front().box];
    EmailInfo info{id,
                   copies.front().cold.facts.threadId,
                   {},
                   0,
                   {},
                   MailboxHandle(account, box.number, box.record.uidValidity, box.name),
                   rowOf(copies.front())};
    for (const Found& copy : copies) {
      info.flags = static_cast<SystemFlags>(info.flags | copy.hot.flags);
      PH_CHECK(names.add(copy.box, copy.hot.keywords, info.keywords));
      const Id128& mailbox = boxes[copy.box].record.mailboxId;
      if (info.mailboxes.empty() || info.mailboxes.back() != mailbox) info.mailboxes.push_back(mailbox);
    }
    infos.emails.push_back(std::move(info));
  }
  return infos;
}

Result<ThreadList> threadsOf(const AccountHandle& account, const Asker& asker,
                             std::span<const std::uint64_t> ids) {
  PH_TRY(const auto snapshot, account.domain().snapshot());
  PH_TRY(const auto user, readUser(*snapshot));
  PH_TRY(const auto boxes, boxesOf(*snapshot, account, asker));
  Places places(*snapshot, boxes);
  ThreadList list;
  list.state = user.modseq;
  for (const std::uint64_t id : ids) {
    PH_TRY(const auto members, places.thread(user, id));
    std::vector<std::pair<std::int64_t, Id128>> emails;
    for (const Found& member : members)
      if (!member.deleted())
        emails.emplace_back(member.cold.facts.internalDate.seconds, member.cold.facts.emailId);
    if (emails.empty()) continue;
    std::sort(emails.begin(), emails.end());
    emails.erase(std::unique(emails.begin(), emails.end()), emails.end());
    ThreadEmails& thread = list.threads.emplace_back();
    thread.id = id;
    for (const auto& [date, email] : emails) thread.emails.push_back(email);
  }
  return list;
}

}  // namespace posthorn::store::objects
