// SPDX-License-Identifier: Apache-2.0
#include "tools/accounts/context.h"

#include <cstdio>
#include <utility>

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
  return context;
}

Result<auth::Account> findUser(const Context& context, const std::string& typed) {
  if (typed.find('@') != std::string::npos) return context.directory().findByAddress(typed);
  const auto name = auth::splitLogin(typed, context.settings.loginSeparator, context.settings.defaultDomain);
  if (!name) return makeError(Errc::Invalid, "not a user name");
  return context.directory().find(*name);
}

store::AccountRequest requestFor(const Context& context, const auth::Account& account) {
  store::AccountRequest request;
  request.id = account.id;
  request.partition = account.partition;
  request.quota.bytes = account.mailQuota.value_or(context.config->get<"store.defaultmailboxquota">());
  request.quota.messages = account.mailMsgQuota.value_or(context.config->get<"store.defaultmessagequota">());
  return request;
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
