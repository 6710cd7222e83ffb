// SPDX-License-Identifier: Apache-2.0
#include <cinttypes>
#include <cstdio>

#include <sysexits.h>

#include "common/store/check.h"
#include "tools/mboxutil/commands.h"
#include "tools/mboxutil/name.h"

namespace posthorn::mboxutil {

namespace {

// For one account; longer than any takes, but not for ever.
constexpr std::chrono::hours kUpkeepMost{1};

store::CheckDepth depthOf(const Arguments& arguments) {
  return arguments.quick ? store::CheckDepth::Records : store::CheckDepth::Bodies;
}

void printFinding(const std::string& user, const store::Finding& finding) {
  const std::string where = finding.mailbox.empty() ? "user/" + user : spellName(user, finding.mailbox);
  const std::string uid = finding.uid == 0 ? "" : " uid " + std::to_string(finding.uid);
  std::printf("%s%s: %s%s\n", where.c_str(), uid.c_str(),
              finding.kind == store::Finding::Kind::Body ? "damaged text: " : "", finding.text.c_str());
}

/// EX_DATAERR when something is wrong with the account.
int printReport(const std::string& user, const store::CheckReport& report) {
  for (const auto& line : report.rebuilt.damage) std::printf("user/%s: %s\n", user.c_str(), line.c_str());
  if (report.rebuilt.commitsLost)
    std::printf(
        "user/%s: changes were lost; every mailbox has a new UIDVALIDITY, so that clients read it anew\n",
        user.c_str());
  for (const auto& finding : report.findings) printFinding(user, finding);
  if (report.truncated) std::printf("user/%s: and more\n", user.c_str());
  std::printf("user/%s: %s, %" PRIu64 " mailboxes, %" PRIu64 " messages, %" PRIu64 " bodies read\n",
              user.c_str(), report.clean() ? "sound" : "DAMAGED", report.mailboxes, report.messages,
              report.bodiesRead);
  return report.clean() ? EX_OK : EX_DATAERR;
}

/// The places of the accounts that the arguments name; all of them when there are none.
Result<std::vector<store::AccountRequest>> places(const tools::Context& context, const Arguments& arguments) {
  std::vector<store::AccountRequest> found;
  for (const auto& text : arguments.names) {
    std::string user = text;
    if (text.find('/') != std::string::npos) {
      PH_TRY(const auto name, parseName(text));
      user = name.user;
    }
    PH_TRY(auto place, placeOf(context, user));
    found.push_back(std::move(place));
  }
  if (!arguments.names.empty()) return found;
  for (const auto& partition : context.store->partitions()) {
    PH_TRY(const auto ids, context.store->accounts(partition));
    for (const auto& id : ids) found.push_back({id, partition, {}});
  }
  return found;
}

int checkOne(const tools::Context& context, const store::AccountRequest& place, const Arguments& arguments) {
  const auto account = context.store->account(place, store::Engine::Create::No);
  if (!account.ok()) {
    const int status = fail(place.id, account.error());
    return account.error().code == Errc::Corrupt ? EX_DATAERR : status;
  }
  const auto report = store::check(account.value(), depthOf(arguments));
  return report.ok() ? printReport(place.id, report.value()) : fail(place.id, report.error());
}

int repairOne(const tools::Context& context, const store::AccountRequest& place, const Arguments& arguments) {
  const auto report = context.store->repair(place, depthOf(arguments));
  if (report.ok()) return printReport(place.id, report.value());
  const int status = fail(place.id, report.error());
  if (report.error().code == Errc::Busy)
    tools::complain("mboxutil", "a running service has the account open: run stop-msg first");
  return status;
}

int keepOne(const tools::Context& context, const store::AccountRequest& place, const Arguments&) {
  const Status kept = context.store->upkeep(place, kUpkeepMost);
  return kept.ok() ? EX_OK : fail(place.id, kept.error());
}

int forEach(const tools::Context& context, const Arguments& arguments,
            int (*work)(const tools::Context&, const store::AccountRequest&, const Arguments&)) {
  const auto found = places(context, arguments);
  if (!found.ok()) return fail("", found.error());
  int status = EX_OK;
  for (const auto& place : found.value()) {
    const int done = work(context, place, arguments);
    if (done != EX_OK && status != EX_DATAERR) status = done;
  }
  return status;
}

}  // namespace

int check(const tools::Context& context, const Arguments& arguments) {
  return forEach(context, arguments, checkOne);
}

int repair(const tools::Context& context, const Arguments& arguments) {
  return forEach(context, arguments, repairOne);
}

int upkeep(const tools::Context& context, const Arguments& arguments) {
  return forEach(context, arguments, keepOne);
}

}  // namespace posthorn::mboxutil
