// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/base/ascii.h"
#include "common/imap/parse/commands/commands.h"
#include "common/imap/parse/values.h"

namespace posthorn::imap::commands {
namespace {

Status checkRights(View rights) {
  for (const char c : rights)
    if (!ascii::isDigit(c) && (c < 'a' || c > 'z'))
      return Scanner::invalid("Rights are lower-case letters and digits");
  return okStatus();
}

}  // namespace

Result<Args> identifier(Scanner& in, UidForm /*uid*/) {
  IdentifierArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.mailbox, parseMailbox(in));
  PH_CHECK(in.space());
  PH_TRY(args.identifier, in.astring());
  return Args(std::move(args));
}

Result<Args> setAcl(Scanner& in, UidForm /*uid*/) {
  using Action = SetAclArgs::Action;
  SetAclArgs args;
  PH_CHECK(in.space());
  PH_TRY(args.mailbox, parseMailbox(in));
  PH_CHECK(in.space());
  PH_TRY(args.identifier, in.astring());
  PH_CHECK(in.space());
  PH_TRY(args.rights, in.astring());
  if (args.rights.starts_with('+')) args.action = Action::Add;
  if (args.rights.starts_with('-')) args.action = Action::Remove;
  if (args.action != Action::Replace) args.rights.erase(0, 1);
  PH_CHECK(checkRights(args.rights));
  return Args(std::move(args));
}

}  // namespace posthorn::imap::commands
