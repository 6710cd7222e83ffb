// SPDX-License-Identifier: Apache-2.0
#include "imapd/commands/commands.h"
#include "imapd/metadata.h"

namespace posthorn::imapd {

/// SETMETADATA (RFC 5464 4.3).
Result<Answer> commands::setMetadata(Mail& mail, const imap::SetMetadataArgs& args, Request request) {
  static_cast<void>(request);
  std::vector<store::AnnotationChange> changes;
  changes.reserve(args.entries.size());
  for (const auto& entry : args.entries) changes.push_back({entry.name, entry.value});
  return annotate(mail, args.mailbox.utf8, changes);
}

/// XSETMETADATA: the same where nobody else has changed the values meanwhile (see imap::SwapMetadataArgs).
/// With it a web server keeps what a user has in two windows.
Result<Answer> commands::swapMetadata(Mail& mail, const imap::SwapMetadataArgs& args, Request request) {
  static_cast<void>(request);
  std::vector<store::AnnotationChange> changes;
  changes.reserve(args.changes.size());
  for (const auto& change : args.changes) changes.push_back({change.name, change.after, change.before});
  return annotate(mail, args.mailbox.utf8, changes);
}

}  // namespace posthorn::imapd
