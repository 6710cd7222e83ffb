// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <sysexits.h>

#include "common/store/acl.h"
#include "common/store/names.h"
#include "tools/mboxutil/commands.h"
#include "tools/mboxutil/name.h"

namespace posthorn::mboxutil {

namespace {

Status createOne(const tools::Context& context, const InternalName& name) {
  const bool whole = name.mailbox.empty() || name.mailbox == store::kInbox;
  if (whole && openUser(context, name.user, store::Engine::Create::No).ok())
    return makeError(Errc::Exists, "the account exists");
  PH_TRY(auto account, openUser(context, name.user, store::Engine::Create::Yes));
  if (whole) return {};
  PH_CHECK(account.create(name.mailbox));
  return account.subscribe(name.mailbox, true);
}

/// Whoever gets the name after him must not get what others have shared with him.
Status revokeEverywhere(const tools::Context& context, const std::string& id) {
  std::size_t lists = 0;
  for (const auto& partition : context.store->partitions()) {
    PH_TRY(const auto owners, context.store->accounts(partition));
    for (const auto& owner : owners) {
      if (owner == id) continue;
      const auto account = context.store->account({owner, partition, {}}, store::Engine::Create::No);
      if (!account.ok() && account.error().code == Errc::NotFound) continue;  // removed just now
      const auto revoked = account.ok() ? store::revokeAll(*account, id) : account.error();
      if (!revoked.ok())
        return makeError(revoked.error().code, "the access lists of " + owner +
                                                   " cannot be rid of the name, so nothing is removed: " +
                                                   revoked.error().describe());
      lists += *revoked;
    }
  }
  if (lists > 0) std::printf("%s: taken out of %zu access lists of others\n", id.c_str(), lists);
  return {};
}

/// All that a user has, and all that he may do with what others have.
Status removeUser(const tools::Context& context, const std::string& user) {
  const auto place = placeOf(context, user);
  if (!place.ok() && place.error().code != Errc::NotFound) return place.error();
  // Nobody's name may still stand in a list.
  PH_CHECK(revokeEverywhere(context, place.ok() ? place->id : user));
  if (!place.ok()) return place.error();
  return context.store->remove(place->id, place->partition);
}

/// INBOX stands for all of the user's mailboxes (facts 5.5).
Status removeOne(const tools::Context& context, const InternalName& name) {
  if (name.mailbox == store::kInbox) return removeUser(context, name.user);
  PH_TRY(const auto place, placeOf(context, name.user));
  if (name.mailbox.empty())
    return makeError(Errc::Invalid, "names no mailbox; user/" + name.user + "/INBOX stands for all of them");
  PH_TRY(auto account, context.store->account(place, store::Engine::Create::No));
  return account.remove(name.mailbox);
}

int forEach(const tools::Context& context, const Arguments& arguments,
            Status (*work)(const tools::Context&, const InternalName&)) {
  int status = EX_OK;
  for (const auto& text : arguments.names) {
    const auto name = parseName(text);
    if (!name.ok()) {
      status = fail("", name.error());
      continue;
    }
    const Status done = work(context, name.value());
    if (!done.ok()) status = fail(text, done.error());
  }
  return status;
}

}  // namespace

int create(const tools::Context& context, const Arguments& arguments) {
  return forEach(context, arguments, createOne);
}

int remove(const tools::Context& context, const Arguments& arguments) {
  return forEach(context, arguments, removeOne);
}

int rename(const tools::Context& context, const Arguments& arguments) {
  const auto from = parseName(arguments.names[0]);
  if (!from.ok()) return fail("", from.error());
  const auto to = parseName(arguments.names[1]);
  if (!to.ok()) return fail("", to.error());
  if (from.value().mailbox.empty() || to.value().mailbox.empty())
    return fail("", makeError(Errc::Invalid, "rename needs two mailbox names, user/<id>/<mailbox>"));
  const auto source = placeOf(context, from.value().user);
  if (!source.ok()) return fail(arguments.names[0], source.error());
  const auto target = placeOf(context, to.value().user);
  if (!target.ok()) return fail(arguments.names[1], target.error());
  if (source.value().id != target.value().id)
    return fail("",
                makeError(Errc::Unsupported, "a mailbox cannot be moved to another user in this release"));
  auto account = context.store->account(source.value(), store::Engine::Create::No);
  if (!account.ok()) return fail(arguments.names[0], account.error());
  const Status done = account.value().rename(from.value().mailbox, to.value().mailbox);
  return done.ok() ? EX_OK : fail(arguments.names[0], done.error());
}

int partition(const tools::Context& context, const Arguments& arguments) {
  const Status done = context.store->acceptPartition(arguments.names.front());
  return done.ok() ? EX_OK : fail(arguments.names.front(), done.error());
}

}  // namespace posthorn::mboxutil
