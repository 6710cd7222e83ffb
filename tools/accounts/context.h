// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/auth/authenticator.h"
#include "common/auth/directory.h"
#include "common/auth/settings.h"
#include "common/base/result.h"
#include "common/config/snapshot.h"
#include "common/store/store.h"

// The common beginning of the tools that touch accounts: read the configuration, become server.user for good,
// open directory and store. No daemon has to run.

namespace posthorn::tools {

struct Context {
  std::shared_ptr<const config::Snapshot> config;
  auth::Settings settings;
  std::unique_ptr<auth::Authenticator> authenticator;
  std::shared_ptr<store::Store> store;

  [[nodiscard]] auth::Directory& directory() const { return authenticator->directory(); }
};

/// Sees that file descriptors 0 to 2 are open, ignores SIGXFSZ, reads `configFile` (empty: the usual one) and
/// drops to server.user, or refuses: Denied when this user is neither root nor server.user. Log lines go
/// where the configuration says, those of `program` by its name; to stderr where that fails, after a
/// complaint. Corrupt for a bad configuration, with the whole report as its text. Once, at the start of
/// main().
Result<Context> openContext(const std::string& configFile, const std::string& program);

/// The user that `typed` means: a mail address, or a login name. Errors of auth::Directory; Invalid when it
/// can be neither.
Result<auth::Account> findUser(const Context& context, const std::string& typed);

/// The account's place and limits, the store's defaults where the directory says nothing.
store::AccountRequest requestFor(const Context& context, const auth::Account& account);

/// The status of sysexits.h that tells an operator what went wrong: EX_TEMPFAIL for all that may pass by
/// itself. Not for an MTA, which takes each other status for the last word.
int exitStatus(Errc code);

/// Prints "program: text" on stderr, one line for each of the text's.
void complain(const std::string& program, const std::string& text);

}  // namespace posthorn::tools
