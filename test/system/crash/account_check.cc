// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "common/store/check.h"
#include "common/store/mailbox.h"
#include "test/system/crash/account_workload.h"

namespace posthorn::crash {

using store::AccountHandle;
using store::MailboxHandle;
using store::MailboxNo;
using store::Uid;

namespace {

Status compareText(const MailboxHandle& box, const store::MessageRow& row, std::uint64_t id) {
  const auto body = box.body(row.uid);
  if (!body.ok()) return broken(fmt::format("uid {}: {}", row.uid, body.error().describe()));
  const std::string expected = textOfMessage(id);
  std::string text(body->slice.length, '\0');
  PH_TRY(const std::size_t got, body->slice.read(0, text.data(), text.size()));
  const bool same = got == text.size() && text == expected && row.facts.size == text.size();
  return same ? Status() : broken(fmt::format("text of uid {} of mailbox {}", row.uid, box.number()));
}

Result<std::vector<store::MessageRow>> rowsOf(const MailboxHandle& box) {
  std::vector<store::MessageRow> rows;
  for (Uid from = 1; from != 0;) {
    PH_TRY(auto window, box.messages(from));
    rows.insert(rows.end(), window.rows.begin(), window.rows.end());
    from = window.next;
  }
  return rows;
}

Status lookInto(const MailboxHandle& box, const std::uint64_t* only, Sight& sight) {
  PH_TRY(const auto rows, rowsOf(box));
  for (const auto& row : rows) {
    const auto id = static_cast<std::uint64_t>(row.facts.internalDate.seconds);
    const std::uint64_t writer = writerOfMessage(id);
    if (only != nullptr && writer != *only) continue;
    PH_CHECK(compareText(box, row, id));
    sight.states[writer].messages[{box.number(), row.uid}] = {id, row.flags};
    sight.sum.bytes += row.facts.size;
    ++sight.sum.messages;
  }
  sight.rows[box.number()] = rows;
  return {};
}

// "w12-a" is of writer 12, INBOX of nobody.
Result<std::uint64_t> ownerOf(const std::string& name) {
  const auto dash = name.find('-');
  if (name[0] != 'w' || dash == std::string::npos) return broken("a mailbox of nobody: " + name);
  return ascii::number(std::string_view(name).substr(1, dash - 1)).value_or(0);
}

/// What a client can see, and what must not change by a rebuild.
struct Visible {
  Sight sight;
  std::map<MailboxNo, std::vector<store::Tombstone>> gone;
  store::QuotaUse used;
  store::Modseq modseq = 0;
};

Result<Visible> see(const AccountHandle& account) {
  Visible seen;
  PH_TRY(seen.sight, look(account, nullptr));
  PH_TRY(seen.used, account.used());
  PH_TRY(seen.modseq, account.modseq());
  for (const auto& [number, status] : seen.sight.boxes) {
    const MailboxHandle box(account, number, status.uidValidity);
    PH_TRY(auto changes, box.changesSince(0));
    seen.gone[number] = std::move(changes.gone);
  }
  return seen;
}

bool same(const Visible& a, const Visible& b) {
  return a.sight.states == b.sight.states && a.sight.boxes == b.sight.boxes && a.sight.rows == b.sight.rows &&
         a.gone == b.gone && a.used == b.used && a.modseq == b.modseq;
}

/// Reads one account's acks and judges what is there.
class Judge {
 public:
  Status read(const std::vector<Ack>& acks) {
    for (const Ack& ack : acks) {
      PH_TRY(const Line line, decodeLine(ack.detail));
      Told& told = told_[ack.writer];
      if (ack.clock < told.clock) return broken("MODSEQ went back");
      told.clock = ack.clock;
      PH_CHECK(line.found ? noteUids(*line.found) : noteUids(told.next, line.outcome));
      if (const auto status = told.story.take(line); !status.ok())
        return broken(fmt::format("writer {}: {}", ack.writer, status.error().text));
      told.next = line.next;
    }
    return {};
  }

  Status judge(const Visible& seen) {
    for (const auto& [writer, told] : told_) {
      if (seen.modseq < told.clock) return broken("MODSEQ went back");
      const auto found = seen.sight.states.find(writer);
      const auto status = told.story.explain(found == seen.sight.states.end() ? State() : found->second);
      if (!status.ok()) return broken(fmt::format("writer {}: {}", writer, status.error().text));
    }
    for (const auto& [number, status] : seen.sight.boxes) {
      const auto highest = highestUid_.find(number);
      if (highest != highestUid_.end() && status.uidNext <= highest->second)
        return broken("UIDNEXT went back");
      const auto modseq = modseq_.find(number);
      if (modseq != modseq_.end() && status.highestModseq < modseq->second)
        return broken("HIGHESTMODSEQ went back");
    }
    for (const auto& [writer, state] : seen.sight.states) PH_CHECK(noteUids(state));
    return {};
  }

 private:
  struct Told {
    Story story;
    Op next;
    store::Modseq clock = 0;
  };

  // A UID of a mailbox has one message for ever, whoever made it.
  Status noteUid(Place place, std::uint64_t id) {
    auto& highest = highestUid_[place.first];
    highest = std::max(highest, place.second);
    const auto [known, fresh] = ids_.emplace(place, id);
    return fresh || known->second == id ? Status()
                                        : broken(fmt::format("uid {} was used twice", place.second));
  }
  Status noteUids(const State& state) {
    for (const auto& [place, message] : state.messages) PH_CHECK(noteUid(place, message.id));
    return {};
  }
  Status noteUids(const Op& op, const Outcome& outcome) {
    if (outcome.refused) return {};
    const MailboxNo box = op.grows() != 0 ? op.grows() : op.box;
    modseq_[box] = std::max(modseq_[box], outcome.modseq);
    for (std::size_t i = 0; i < outcome.uids.size(); ++i) {
      const bool made = op.kind == Op::Kind::Append;
      const std::uint64_t id = made ? op.ids.at(i) : ids_[{op.box, op.uids.at(i)}];
      PH_CHECK(noteUid({box, outcome.uids[i]}, id));
    }
    return {};
  }

  std::map<std::uint64_t, Told> told_;
  std::map<Place, std::uint64_t> ids_;
  std::map<MailboxNo, Uid> highestUid_;
  std::map<MailboxNo, store::Modseq> modseq_;
};

Status sound(const AccountHandle& account, const char* when) {
  PH_TRY(const auto report, store::check(account, store::CheckDepth::Bodies));
  if (report.clean()) return {};
  const auto& first = report.findings.front();
  return broken(fmt::format("check {}: {} {}: {} ({} findings)", when, first.mailbox, first.uid, first.text,
                            report.findings.size()));
}

Status checkQuota(const Visible& seen) {
  if (seen.used != seen.sight.sum) return broken("the quota's use is not the sum of the messages");
  const bool within = seen.used.bytes <= static_cast<std::uint64_t>(kQuotaBytes) &&
                      seen.used.messages <= static_cast<std::uint64_t>(kQuotaMessages);
  return within ? Status() : broken("the quota was passed");
}

Status checkAccount(store::Engine& engine, const std::string& id, const std::vector<Ack>& acks) {
  Visible before;
  {
    const auto account = openAccount(engine, id, store::Engine::Create::No);
    if (!account.ok() && account.error().code == Errc::NotFound && acks.empty()) return {};
    if (!account.ok()) return broken(id + " does not open: " + account.error().describe());
    if (!account->modseq().ok() && acks.empty()) return {};  // killed before its first commit
    PH_CHECK(sound(*account, "after the crash"));
    PH_TRY(before, see(*account));
    PH_CHECK(checkQuota(before));
    Judge judge;
    PH_CHECK(judge.read(acks));
    PH_CHECK(judge.judge(before));
  }
  // Store::repair: the view rebuilt from the log alone.
  PH_TRY(const auto report, engine.rebuild(id));
  if (!report.damage.empty()) return broken("rebuild reports damage: " + report.damage.front());
  PH_TRY(auto account, openAccount(engine, id, store::Engine::Create::No));
  PH_CHECK(sound(account, "after the rebuild"));
  PH_TRY(const auto after, see(account));
  if (!same(before, after)) return broken("the log shows another account");
  PH_CHECK(account.finishRemovals());
  return sound(account, "after the removals were finished");
}

}  // namespace

Result<Sight> look(const AccountHandle& account, const std::uint64_t* only) {
  Sight sight;
  PH_TRY(const auto list, account.list());
  for (const auto& entry : list) {
    if (!entry.exists) continue;
    if (entry.name != "INBOX") {
      PH_TRY(const std::uint64_t owner, ownerOf(entry.name));
      if (only != nullptr && owner != *only) continue;
      sight.states[owner].boxes[entry.status.number] = {entry.name, entry.status.uidValidity};
    }
    sight.boxes[entry.status.number] = entry.status;
    PH_CHECK(lookInto(MailboxHandle(account, entry.status.number, entry.status.uidValidity), only, sight));
  }
  return sight;
}

Status AccountWorkload::check(store::Engine& engine, const std::vector<Ack>& acks) {
  for (std::uint64_t i = 0; i < accounts_; ++i) {
    std::vector<Ack> mine;
    for (const Ack& ack : acks)
      if (ack.writer % accounts_ == i) mine.push_back(ack);
    PH_CHECK(checkAccount(engine, accountOf(i), mine));
  }
  return {};
}

}  // namespace posthorn::crash
