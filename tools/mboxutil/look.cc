// SPDX-License-Identifier: Apache-2.0
#include <cinttypes>
#include <cstdio>
#include <functional>

#include <nlohmann/json.hpp>
#include <sysexits.h>

#include "tools/mboxutil/commands.h"
#include "tools/mboxutil/name.h"

namespace posthorn::mboxutil {

namespace {

/// One line of a list.
struct Row {
  std::string user;
  std::string partition;
  store::MailboxEntry entry;
};

void printText(const Row& row) {
  std::printf("%10u %12" PRIu64 "  %-10s  %s\n", row.entry.status.messages,
              (row.entry.status.bytes + 1023) / 1024, row.partition.c_str(),
              spellName(row.user, row.entry.name).c_str());
}

nlohmann::json toJson(const Row& row) {
  const auto& status = row.entry.status;
  nlohmann::json use = nlohmann::json::array();
  for (const auto name : store::spellSpecialUse(status.specialUse)) use.push_back(std::string(name));
  return {{"name", spellName(row.user, row.entry.name)},
          {"user", row.user},
          {"mailbox", row.entry.name},
          {"partition", row.partition},
          {"messages", status.messages},
          {"unseen", status.unseen},
          {"deleted", status.deleted},
          {"bytes", status.bytes},
          {"uidvalidity", status.uidValidity},
          {"uidnext", status.uidNext},
          {"highestmodseq", status.highestModseq},
          {"mailboxid", status.mailboxId.hex()},
          {"specialuse", use},
          {"subscribed", row.entry.subscribed}};
}

/// The rows of one account; a damaged one is complained of and does not end the list.
int listAccount(const tools::Context& context, const store::AccountRequest& place,
                const std::function<void(const Row&)>& print) {
  const auto account = context.store->account(place, store::Engine::Create::No);
  if (!account.ok() && account.error().code == Errc::NotFound) return EX_OK;  // made or removed just now
  if (!account.ok()) return fail(place.id, account.error());
  const auto entries = account.value().list();
  if (!entries.ok()) return fail(place.id, entries.error());
  for (const auto& entry : entries.value())
    if (entry.exists) print({place.id, place.partition, entry});
  return EX_OK;
}

}  // namespace

int list(const tools::Context& context, const Arguments& arguments) {
  const std::string pattern = arguments.names.empty() ? "*" : arguments.names.front();
  nlohmann::json rows = nlohmann::json::array();
  if (!arguments.json) std::printf("%10s %12s  %-10s  %s\n", "messages", "kbytes", "partition", "mailbox");
  const auto print = [&](const Row& row) {
    if (!matches(pattern, spellName(row.user, row.entry.name))) return;
    if (arguments.json)
      rows.push_back(toJson(row));
    else
      printText(row);
  };
  int status = EX_OK;
  for (const auto& partition : context.store->partitions()) {
    const auto ids = context.store->accounts(partition);
    if (!ids.ok()) return fail("partition " + partition, ids.error());
    for (const auto& id : ids.value()) {
      const int listed = listAccount(context, {id, partition, {}}, print);
      if (listed != EX_OK) status = listed;
    }
  }
  if (arguments.json)
    std::printf("%s\n", rows.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  return status;
}

int show(const tools::Context& context, const Arguments& arguments) {
  const auto name = parseName(arguments.names.front());
  if (!name.ok()) return fail("", name.error());
  const auto place = placeOf(context, name.value().user);
  if (!place.ok()) return fail(arguments.names.front(), place.error());
  const auto account = context.store->account(place.value(), store::Engine::Create::No);
  if (!account.ok()) return fail(arguments.names.front(), account.error());
  const auto entries = account.value().list();
  const auto used = account.value().used();
  if (!entries.ok()) return fail(arguments.names.front(), entries.error());
  if (!used.ok()) return fail(arguments.names.front(), used.error());
  nlohmann::json all = nlohmann::json::array();
  for (const auto& entry : entries.value())
    if (entry.exists && (name.value().mailbox.empty() || entry.name == name.value().mailbox))
      all.push_back(toJson({place.value().id, place.value().partition, entry}));
  if (all.empty()) return fail(arguments.names.front(), makeError(Errc::NotFound, "no such mailbox"));
  const nlohmann::json shown = {{"user", place.value().id},
                                {"bytes", used.value().bytes},
                                {"messages", used.value().messages},
                                {"quotabytes", place.value().quota.bytes},
                                {"quotamessages", place.value().quota.messages},
                                {"mailboxes", all}};
  std::printf("%s\n", shown.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  return EX_OK;
}

}  // namespace posthorn::mboxutil
