// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "common/base/ascii.h"
#include "mshttpd/backend/fetch_items.h"
#include "mshttpd/backend/search_keys.h"
#include "mshttpd/backend/standard_host.h"

namespace posthorn::mshttpd::backend {

using imap::CommandName;
using imap::jmap::Update;
using imap::jmap::UpdateData;
using Outcome = UpdateData::Outcome;
using Action = imap::StoreArgs::Action;

namespace {

/// What one STORE does.
struct FlagChange {
  const StandardHost::Box* box = nullptr;
  Action action = Action::Add;
  std::vector<std::string> flags;
  auto operator<=>(const FlagChange&) const = default;
};

using Uids = std::vector<std::uint32_t>;

imap::Flags flagsOf(const std::vector<std::string>& names) {
  imap::Flags flags;
  for (const std::string& name : names) {
    if (const auto system = imap::systemFlag(name))
      flags.system = static_cast<imap::SystemFlags>(flags.system | *system);
    else if (!ascii::equal(name, "\\Recent"))
      flags.keywords.push_back(name);
  }
  return flags;
}

bool has(const std::string& rights, char right) {
  return rights.find(right) != std::string::npos;
}

}  // namespace

/// What all updates together need, gathered so that many messages go into one command.
struct StandardHost::Plan {
  std::map<FlagChange, Uids> flags;
  std::map<std::pair<const Box*, const Box*>, Uids> copies;  // from, to
  std::map<const Box*, Uids> removals;
};

void StandardHost::planOne(const Update& update, const std::vector<Place>* places, Plan& plan,
                           UpdateData& outcome) const {
  outcome.id = update.id;
  if (places == nullptr) {
    outcome.outcome = Outcome::NotFound;
    return;
  }
  std::set<const Box*> now;
  for (const Place& place : *places) now.insert(place.box);
  std::set<const Box*> then = now;
  const auto wanted = [&](const std::vector<Id>& ids, auto&& each) {
    for (const Id& id : ids) {
      const Box* box = boxById(id);
      if (box == nullptr || !box->selectable)
        outcome.mailboxes.push_back(id);
      else
        each(box);
    }
  };
  if (update.destroy) then.clear();
  if (update.setMailboxes) {
    then.clear();
    wanted(*update.setMailboxes, [&](const Box* box) { then.insert(box); });
  }
  wanted(update.addMailboxes, [&](const Box* box) { then.insert(box); });
  wanted(update.dropMailboxes, [&](const Box* box) { then.erase(box); });
  const auto refuse = [&](Outcome why) { outcome.outcome = why; };
  if (!outcome.mailboxes.empty()) return refuse(Outcome::NoMailbox);
  if (then.empty() && !update.destroy) return refuse(Outcome::NoMailboxLeft);
  for (const Box* box : then)
    if (!now.contains(box) && !has(box->data.rights, 'i')) return refuse(Outcome::Forbidden);
  for (const Box* box : now)
    if (!then.contains(box) && !(has(box->data.rights, 't') && has(box->data.rights, 'e')))
      return refuse(Outcome::Forbidden);
  outcome.outcome = update.destroy ? Outcome::Destroyed : Outcome::Updated;
  for (const Place& place : *places) {
    // Flags first: copies take them along.
    if (update.setFlags && !update.destroy)
      plan.flags[{place.box, Action::Replace, *update.setFlags}].push_back(place.uid);
    if (!update.addFlags.empty()) plan.flags[{place.box, Action::Add, update.addFlags}].push_back(place.uid);
    if (!update.dropFlags.empty())
      plan.flags[{place.box, Action::Remove, update.dropFlags}].push_back(place.uid);
    if (!then.contains(place.box)) plan.removals[place.box].push_back(place.uid);
  }
  const Place& first = places->front();
  for (const Box* box : then)
    if (!now.contains(box)) plan.copies[{first.box, box}].push_back(first.uid);
}

Status StandardHost::storeFlags(const Plan& plan) {
  for (const auto& [change, uids] : plan.flags)
    PH_CHECK(inMailbox(*change.box, true, Again::Yes,
                       {.name = CommandName::Store,
                        .args = imap::StoreArgs{.set = setOfUids(uids),
                                                .action = change.action,
                                                .silent = true,
                                                .flags = flagsOf(change.flags),
                                                .unchangedSince = {}},
                        .uid = true}));
  return okStatus();
}

Status StandardHost::copyOver(const Plan& plan) {
  for (const auto& [way, uids] : plan.copies)
    PH_CHECK(inMailbox(*way.first, true, Again::No,
                       {.name = CommandName::Copy,
                        .args = imap::CopyArgs{setOfUids(uids), {way.second->serverName}},
                        .uid = true}));
  return okStatus();
}

/// Takes messages out of mailboxes, and no others that happen to be marked \Deleted.
Status StandardHost::removeFrom(const Plan& plan) {
  if (!plan.removals.empty() && !can("UIDPLUS"))
    return makeError(Errc::Unsupported, "this IMAP server cannot remove single messages (UIDPLUS)");
  for (const auto& [box, uids] : plan.removals) {
    const imap::SequenceSet set = setOfUids(uids);
    imap::Flags deleted;
    deleted.system = imap::kDeleted;
    PH_CHECK(inMailbox(
        *box, true, Again::Yes,
        {.name = CommandName::Store,
         .args =
             imap::StoreArgs{
                 .set = set, .action = Action::Add, .silent = true, .flags = deleted, .unchangedSince = {}},
         .uid = true}));
    PH_CHECK(inMailbox(*box, true, Again::Yes,
                       {.name = CommandName::Expunge, .args = imap::ExpungeArgs{set}, .uid = true}));
  }
  return okStatus();
}

/// In this order nothing is lost when a command fails: at worst a message stands in one mailbox too many.
Status StandardHost::carryOut(const Plan& plan) {
  if (!plan.removals.empty() && !can("UIDPLUS"))
    return makeError(Errc::Unsupported, "this IMAP server cannot remove single messages (UIDPLUS)");
  PH_CHECK(storeFlags(plan));
  PH_CHECK(copyOver(plan));
  return removeFrom(plan);
}

Result<UpdateResult> StandardHost::update(const std::optional<State>& ifState,
                                          std::span<const Update> updates) {
  PH_TRY(const State before, state());
  if (ifState && *ifState != before) return makeError(Errc::Conflict, "the account has changed");
  std::vector<Id> ids;
  for (const Update& update : updates) ids.push_back(update.id);
  PH_TRY(const auto found, find(ids));
  Plan plan;
  UpdateResult result{.oldState = before, .newState = before, .outcomes = {}};
  for (const Update& update : updates) {
    const auto places = found.find(update.id);
    planOne(update, places == found.end() ? nullptr : &places->second, plan, result.outcomes.emplace_back());
  }
  PH_CHECK(carryOut(plan));
  PH_TRY(result.newState, state());
  return result;
}

/// APPENDUID says where it is; without it the newest message since is it.
Result<Id> StandardHost::idOfAppended(const Box& box, const Reply& reply, std::uint32_t least) {
  std::uint32_t uid = 0;
  const imap::ResponseCode& code = reply.done.code;
  if (code.kind == imap::ResponseCode::Kind::AppendUid && !code.target.ranges.empty()) {
    uid = code.target.ranges.front().first;
  } else {
    imap::SearchKey key;
    key.kind = imap::SearchKey::Kind::Uid;
    key.set.ranges.push_back({std::max<std::uint32_t>(1, least), imap::kStar});
    PH_TRY(const auto uids, uidSearch(box, key));
    for (const std::uint32_t one : uids)
      if (one >= least) uid = std::max(uid, one);
  }
  if (uid == 0) return makeError(Errc::Unavailable, "the server does not say where the message is");
  if (!can("OBJECTID")) return idOf(box, uid);
  PH_TRY(const Bytes id, fetchText(talk(), box.serverName, box.data.uidValidity, uid,
                                   attributeOf(imap::FetchAttribute::Kind::EmailId)));
  return id;
}

Result<Appended> StandardHost::append(NewMessage message) {
  PH_CHECK(load());
  std::vector<Box> to;
  for (const Id& id : message.mailboxIds) {
    const Box* box = boxById(id);
    if (box == nullptr || !box->selectable) return makeError(Errc::NotFound, "there is no such mailbox");
    to.push_back(*box);
  }
  if (to.empty()) return makeError(Errc::Invalid, "a message must be in a mailbox");
  imap::AppendMessage head;
  head.flags = flagsOf(message.flags);
  head.internalDate = message.receivedAt;
  head.binary = message.binary && can("BINARY");
  // Without UIDPLUS a selected mailbox that is looked at again must show what has come.
  auto sent = talk().with(Again::No, [&](Connection& connection) {
    connection.selected.clear();
    return connection.append(to.front().serverName, head, message.octets, message.text);
  });
  PH_TRY(const Reply reply, std::move(sent));
  PH_CHECK(expectOk(reply));
  Appended appended;
  PH_TRY(appended.id, idOfAppended(to.front(), reply, to.front().uidNext));
  appended.threadId = appended.id;
  appended.octets = message.octets;
  loaded_ = false;
  PH_CHECK(load());
  if (to.size() > 1) {
    Update more;
    more.id = appended.id;
    more.addMailboxes.assign(message.mailboxIds.begin() + 1, message.mailboxIds.end());
    PH_CHECK(update(std::nullopt, std::span(&more, 1)));
  }
  appended.state = stateOfAll();
  return appended;
}

}  // namespace posthorn::mshttpd::backend
