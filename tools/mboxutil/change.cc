// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <sysexits.h>

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

/// INBOX stands for all of the user's mailboxes (facts 5.5).
Status removeOne(const tools::Context& context, const InternalName& name) {
  PH_TRY(const auto place, placeOf(context, name.user));
  if (name.mailbox == store::kInbox) return context.store->remove(place.id, place.partition);
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
