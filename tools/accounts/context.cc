// SPDX-License-Identifier: Apache-2.0
#include "tools/accounts/context.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/auth/login_name.h"
#include "common/base/ascii.h"
#include "common/log/logger.h"
#include "common/proc/control.h"
#include "common/proc/privileges.h"

namespace posthorn::tools {

namespace {

/// The store's files must not come to lie where somebody prints. Standard input is made unreadable: no input
/// is an error, not an empty message.
Status fillStandardStreams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    if (::open("/dev/null", O_WRONLY) < 0) return errnoError("open /dev/null");
  }
  return {};
}

/// Root becomes server.user; server.user stays; everybody else would leave files that the workers cannot use.
Status becomeServerUser(const config::Snapshot& config) {
  const std::string& name = config.get<"server.user">();
  PH_TRY(const auto user, proc::findUser(name));
  if (::geteuid() != 0 && ::geteuid() != user.uid)
    return makeError(Errc::Denied, "must be run by root or by " + name + " (server.user)");
  return proc::becomeForGood(user);
}

}  // namespace

Result<Context> openContext(const std::string& configFile, const std::string& program) {
  PH_CHECK(fillStandardStreams());
  // An MTA's limit of file sizes is smaller than a segment may be: an error then, like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  config::Loaded loaded = config::load(config::defaultFile(configFile));
  if (!loaded.ok()) return makeError(Errc::Corrupt, loaded.report());
  Context context;
  context.config = std::move(loaded.snapshot);
  PH_CHECK(becomeServerUser(*context.config));
  ::umask(077);
  auto logging = context.config->logging(std::nullopt);
  logging.process = program;
  const Status logs = log::configure(logging);
  // Lines go on to stderr: where they cannot be kept, mail is delivered and mended all the same.
  if (!logs.ok()) complain(program, "cannot log as configured: " + logs.error().describe());
  context.settings = auth::Settings::from(*context.config);
  context.authenticator = auth::Authenticator::open(context.settings);
  PH_TRY(context.store, store::openStore(*context.config));
  context.store->announceTo(proc::notifierFor(*context.config));
  context.store->actAs(program == "deliver" ? store::Origin::Delivery : store::Origin::Server);
  return context;
}

Result<auth::Account> findUser(const Context& context, const std::string& typed) {
  if (typed.find('@') != std::string::npos) return context.directory().findByAddress(typed);
  const auto name = auth::splitLogin(typed, context.settings.loginSeparator, context.settings.defaultDomain);
  if (!name) return makeError(Errc::Invalid, "not a user name");
  return context.directory().find(*name);
}

store::AccountRequest requestFor(const Context& context, const auth::Account& account) {
  return store::requestFor(account.id, account.partition, account.mailQuota, account.mailMsgQuota,
                           *context.config);
}

int exitStatus(Errc code) {
  switch (code) {
    case Errc::Invalid:
      return EX_USAGE;
    case Errc::NotFound:
      return EX_NOUSER;
    case Errc::Exists:
      return EX_CANTCREAT;
    case Errc::Denied:
      return EX_NOPERM;
    case Errc::TooBig:
      return EX_DATAERR;
    case Errc::Unsupported:
      return EX_UNAVAILABLE;
    case Errc::Internal:
      return EX_SOFTWARE;
    default:
      return EX_TEMPFAIL;
  }
}

void complain(const std::string& program, const std::string& text) {
  for (const auto line : ascii::split(text, '\n'))
    if (!line.empty())
      std::fprintf(stderr, "%s: %.*s\n", program.c_str(), static_cast<int>(line.size()), line.data());
}

}  // namespace posthorn::tools
