// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sysexits.h>

#include "common/store/mailbox.h"
#include "tools/mboxutil/commands.h"
#include "tools/mboxutil/name.h"

namespace posthorn::mboxutil {

namespace {

/// What is removed from one mailbox after the other, and what was.
struct Sweep {
  const ExpungeArguments& which;
  bool dryRun = false;
  bool json = false;
  nlohmann::json rows = nlohmann::json::array();
  std::uint64_t messages = 0;
  std::uint64_t mailboxes = 0;

  /// Without an age it is what clients gave up, never all.
  [[nodiscard]] bool onlyDeleted() const { return which.deleted || !which.olderThan; }

  void count(const std::string& user, const std::string& mailbox, std::uint64_t removed) {
    if (removed == 0) return;
    messages += removed;
    ++mailboxes;
    const std::string name = spellName(user, mailbox);
    if (json)
      rows.push_back({{"name", name}, {"user", user}, {"mailbox", mailbox}, {"messages", removed}});
    else
      std::printf("%10llu  %s\n", static_cast<unsigned long long>(removed), name.c_str());
  }

  void finish() const {
    if (json) {
      const nlohmann::json all = {{"dryrun", dryRun}, {"messages", messages}, {"mailboxes", rows}};
      std::printf("%s\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    } else {
      std::printf("%10llu  messages of %llu mailboxes %s\n", static_cast<unsigned long long>(messages),
                  static_cast<unsigned long long>(mailboxes), dryRun ? "would be removed" : "removed");
    }
  }
};

/// Of a window, what is to go. A message's age counts from its arrival in this mailbox.
store::UidSet chosen(const store::FetchWindow& window, const Sweep& sweep,
                     const store::AccountHandle& account) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(account.clock().wall().time_since_epoch()).count();
  std::vector<store::Uid> uids;
  for (const auto& row : window.rows) {
    const auto& message = row.message;
    if (sweep.onlyDeleted() && (message.flags & store::kDeleted) == 0) continue;
    if (sweep.which.seen && (message.flags & store::kSeen) == 0) continue;
    if (sweep.which.olderThan && message.facts.saveDate > now - *sweep.which.olderThan) continue;
    uids.push_back(message.uid);
  }
  return store::UidSet::of(uids);
}

/// A window at a time. `removed` counts also when it ends with an error.
Status sweepMailbox(store::MailboxHandle& box, const Sweep& sweep, std::uint64_t& removed) {
  using store::Columns;
  const auto columns = sweep.which.olderThan ? Columns::Facts : Columns::Flags;
  const auto everything = store::UidSet::all();
  for (store::Uid from = 1; from != 0;) {
    PH_TRY(const auto window, box.window(everything, from, columns));
    from = window.next;
    const auto uids = chosen(window, sweep, box.account());
    if (uids.empty()) continue;
    if (sweep.dryRun) {
      removed += uids.count();
      continue;
    }
    store::ExpungeResult gone;
    const Status done = box.expunge(uids, sweep.onlyDeleted(), gone);
    removed += gone.gone.size();
    PH_CHECK(done);
  }
  return {};
}

int sweepOne(const store::AccountHandle& account, const std::string& mailbox, bool named, Sweep& sweep) {
  std::uint64_t removed = 0;
  const auto work = [&]() -> Status {
    PH_TRY(auto box, account.mailbox(mailbox));
    return sweepMailbox(box, sweep, removed);
  };
  const Status done = work();
  sweep.count(account.id(), mailbox, removed);
  if (done.ok()) return EX_OK;
  // Removed or renamed since the list was read.
  const bool left = done.error().code == Errc::NotFound || done.error().code == Errc::Conflict;
  return !named && left ? EX_OK : fail(spellName(account.id(), mailbox), done.error());
}

int sweepAccount(const store::AccountHandle& account, Sweep& sweep) {
  const auto entries = account.list();
  if (!entries.ok()) return fail("user/" + account.id(), entries.error());
  int status = EX_OK;
  for (const auto& entry : entries.value()) {
    if (!entry.exists || entry.status.messages == 0) continue;
    const int done = sweepOne(account, entry.name, false, sweep);
    if (done != EX_OK) status = done;
  }
  return status;
}

int sweepNamed(const tools::Context& context, const std::string& text, Sweep& sweep) {
  InternalName name{text, {}};
  if (text.find('/') != std::string::npos) {
    const auto parsed = parseName(text);
    if (!parsed.ok()) return fail("", parsed.error());
    name = parsed.value();
  }
  const auto account = openUser(context, name.user, store::Engine::Create::No);
  if (!account.ok()) return fail(text, account.error());
  if (name.mailbox.empty()) return sweepAccount(account.value(), sweep);
  return sweepOne(account.value(), name.mailbox, true, sweep);
}

/// An account that was found on disk, with its limits: room that it gets may bring it back under them.
Result<store::AccountHandle> openFound(const tools::Context& context, const std::string& id,
                                       const std::string& partition) {
  store::AccountRequest place{id, partition, {}};
  const auto known = tools::findUser(context, id);
  if (known.ok() && known.value().id == id) place.quota = tools::requestFor(context, known.value()).quota;
  const bool forgotten =
      !known.ok() && (known.error().code == Errc::NotFound || known.error().code == Errc::Invalid);
  if (!known.ok() && !forgotten) return known.error();
  return context.store->account(place, store::Engine::Create::No);
}

int sweepAll(const tools::Context& context, Sweep& sweep) {
  int status = EX_OK;
  for (const auto& partition : context.store->partitions()) {
    const auto ids = context.store->accounts(partition);
    if (!ids.ok()) {
      status = fail("partition " + partition, ids.error());
      continue;
    }
    for (const auto& id : ids.value()) {
      const auto account = openFound(context, id, partition);
      if (!account.ok() && account.error().code == Errc::NotFound) continue;  // removed just now
      const int done = account.ok() ? sweepAccount(account.value(), sweep) : fail(id, account.error());
      if (done != EX_OK) status = done;
    }
  }
  return status;
}

}  // namespace

int expunge(const tools::Context& context, const Arguments& arguments) {
  Sweep sweep{arguments.expunge, arguments.dryRun, arguments.json};
  int status = arguments.expunge.all ? sweepAll(context, sweep) : EX_OK;
  for (const auto& text : arguments.names) {
    const int done = sweepNamed(context, text, sweep);
    if (done != EX_OK) status = done;
  }
  sweep.finish();
  return status;
}

}  // namespace posthorn::mboxutil
