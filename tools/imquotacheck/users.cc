// SPDX-License-Identifier: Apache-2.0
#include "tools/imquotacheck/users.h"

#include <utility>
#include <vector>

#include <sysexits.h>

#include "common/auth/file/file_directory.h"
#include "common/auth/file/user_table.h"
#include "common/base/ascii.h"

namespace posthorn::imquotacheck {
namespace {

std::string domainOf(const tools::Context& context, const std::string& id) {
  const auto at = id.rfind('@');
  return at == std::string::npos ? context.settings.defaultDomain : id.substr(at + 1);
}

/// The ids of those who have mail.
Result<std::vector<std::string>> storeUsers(const tools::Context& context) {
  std::vector<std::string> all;
  for (const auto& partition : context.store->partitions()) {
    PH_TRY(const auto ids, context.store->accounts(partition));
    all.insert(all.end(), ids.begin(), ids.end());
  }
  return all;
}

Result<std::vector<std::string>> directoryUsers(const tools::Context& context) {
  if (context.settings.ldapDirectory)
    return makeError(Errc::Unsupported, "-a: an LDAP directory is not listed in this release");
  PH_TRY(auto file, auth::readUserFile(context.settings.userFile));
  const auth::UserTable table(std::move(file.text));
  std::vector<std::string> all;
  for (const auto name : table.names())
    if (!name.empty() && name.front() != '@') all.emplace_back(name);
  return all;
}

Result<User> userOf(const tools::Context& context, const std::string& name) {
  User user;
  PH_TRY(user.account, tools::findUser(context, name));
  user.place = tools::requestFor(context, user.account);
  user.domain = domainOf(context, user.account.id);
  const auto account = context.store->account(user.place, store::Engine::Create::No);
  if (!account.ok() && account.error().code == Errc::NotFound) return user;
  if (!account.ok()) return account.error();
  PH_TRY(user.used, account.value().used());
  return user;
}

Result<std::vector<std::string>> namesFor(const tools::Context& context, const Options& options) {
  if (!options.user.empty()) return std::vector<std::string>{options.user};
  return options.fromDirectory ? directoryUsers(context) : storeUsers(context);
}

int complain(const std::string& name, const Error& error) {
  const std::string text = error.code == Errc::NotFound ? "no such user in the directory" : error.describe();
  tools::complain("imquotacheck", ascii::printable(name) + ": " + text);
  return error.code == Errc::Corrupt ? EX_DATAERR : tools::exitStatus(error.code);
}

}  // namespace

int forUsers(const tools::Context& context, const Options& options,
             const std::function<Status(const User&)>& each) {
  const auto names = namesFor(context, options);
  if (!names.ok()) {
    tools::complain("imquotacheck", names.error().text);
    return names.error().code == Errc::Unsupported ? EX_UNAVAILABLE : tools::exitStatus(names.error().code);
  }
  int status = EX_OK;
  for (const auto& name : names.value()) {
    if (!options.domain.empty() && domainOf(context, name) != options.domain) continue;
    const auto user = userOf(context, name);
    const Status done = user.ok() ? each(user.value()) : Status(user.error());
    if (!done.ok()) status = complain(name, done.error());
  }
  return status;
}

}  // namespace posthorn::imquotacheck
