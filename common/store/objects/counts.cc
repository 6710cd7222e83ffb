// SPDX-License-Identifier: Apache-2.0
#include "common/store/objects/counts.h"

#include <algorithm>

#include "common/store/objects/emails.h"
#include "common/store/ops.h"

namespace posthorn::store::objects {

namespace {

/// A message in a mailbox, for counting threads. What lies in the trash is a thread of its own (RFC 8621 2).
struct Member {
  std::uint64_t thread = 0;
  std::uint32_t box = 0;
  bool unread = false;       ///< and not only in the trash
  bool unreadTrash = false;  ///< and in the trash
};

class Counter {
 public:
  explicit Counter(const Emails& emails) : emails_(emails), infos_(emails.boxes().size()) {}

  std::vector<MailboxInfo> run() {
    for (std::size_t i = 0; i < infos_.size(); ++i) describe(i);
    members_.reserve(emails_.size());
    for (std::size_t email = 0; email < emails_.size(); ++email) count(email);
    std::sort(members_.begin(), members_.end(), [](const Member& a, const Member& b) {
      return std::pair(a.thread, a.box) < std::pair(b.thread, b.box);
    });
    for (auto from = members_.begin(); from != members_.end();) {
      const auto to =
          std::find_if(from, members_.end(), [&](const Member& m) { return m.thread != from->thread; });
      countThread(from, to);
      from = to;
    }
    return std::move(infos_);
  }

 private:
  using Members = std::vector<Member>;

  void describe(std::size_t index) {
    const Box& box = emails_.boxes()[index];
    MailboxInfo& info = infos_[index];
    info.id = box.record.mailboxId;
    info.name = box.name;
    info.specialUse = box.record.specialUse;
    info.rights = box.rights;
    info.subscribed = box.subscribed;
    info.sortOrder = box.sortOrder;
    info.shared = box.shared;
    info.uidValidity = box.record.uidValidity;
  }

  [[nodiscard]] bool isTrash(std::uint32_t box) const { return (infos_[box].specialUse & kUseTrash) != 0; }

  void count(std::size_t email) {
    const bool unread = (emails_.flags(email) & (kSeen | kDraft)) == 0;
    const auto copies = emails_.copies(email);
    bool trash = false;
    bool elsewhere = false;
    for (const Emails::Copy copy : copies) (isTrash(copy.box) ? trash : elsewhere) = true;
    std::uint32_t last = 0xFFFF'FFFFU;
    for (const Emails::Copy copy : copies) {
      // Copies come by mailbox; a second one in the same is the same message.
      if (copy.box == last) continue;
      last = copy.box;
      MailboxInfo& info = infos_[copy.box];
      const Fact& fact = emails_.fact(copy);
      ++info.messages;
      if (unread) ++info.unseen;
      info.octets += fact.size;
      members_.push_back({fact.threadId, copy.box, unread && elsewhere, unread && trash});
    }
  }

  void countThread(Members::const_iterator from, Members::const_iterator to) {
    const bool unread = std::any_of(from, to, [](const Member& m) { return m.unread; });
    const bool unreadTrash = std::any_of(from, to, [](const Member& m) { return m.unreadTrash; });
    for (auto at = from; at != to; ++at) {
      if (at != from && std::prev(at)->box == at->box) continue;
      ++infos_[at->box].threads;
      if (isTrash(at->box) ? unreadTrash : unread) ++infos_[at->box].unseenThreads;
    }
  }

  const Emails& emails_;
  std::vector<MailboxInfo> infos_;
  Members members_;
};

}  // namespace

Result<MailboxInfos> mailboxInfos(const AccountHandle& account, const Asker& asker) {
  PH_TRY(const auto snapshot, account.domain().snapshot());
  PH_TRY(const auto user, readUser(*snapshot));
  const std::string name =
      "M" + std::to_string(user.modseq) + " " + account.id() + " " + (asker ? asker->id : std::string());
  const Memory* memory = account.memory();
  if (memory != nullptr)
    if (const auto known = memory->find<MailboxInfos>(name)) return *known;
  PH_TRY(const Emails emails, Emails::read(*snapshot, account, asker));
  auto infos = std::make_shared<MailboxInfos>();
  infos->state = user.modseq;
  infos->mailboxes = Counter(emails).run();
  if (memory != nullptr)
    memory->keep<MailboxInfos>(name, infos, infos->mailboxes.size() * (sizeof(MailboxInfo) + 64));
  return *infos;
}

}  // namespace posthorn::store::objects
