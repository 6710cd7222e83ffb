// SPDX-License-Identifier: Apache-2.0
#include "tools/msuser/context.h"

#include <cerrno>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/auth/login_name.h"
#include "common/base/ascii.h"
#include "common/base/unique_fd.h"
#include "common/config/snapshot.h"
#include "common/proc/folder.h"

namespace posthorn::msuser {
namespace {

struct Account {
  uid_t uid;
  gid_t gid;
  std::string name;
};

template <typename Key, typename Call>
Result<Account> lookUp(Call call, Key key, const std::string& shown) {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  const int error = call(key, &entry, buffer.data(), buffer.size(), &found);
  if (error != 0) return errnoError(error, "cannot look up the system user " + shown);
  if (found == nullptr) return makeError(Errc::NotFound, "there is no system user " + shown);
  return Account{entry.pw_uid, entry.pw_gid, entry.pw_name};
}

std::string folderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<Context> makeContext(const std::string& config, const std::string& userFile) {
  const std::string file = config::defaultFile(config);
  Context context;
  if (!userFile.empty() && config.empty() && access(file.c_str(), F_OK) != 0) {
    const config::Snapshot defaults;
    context.settings = auth::Settings::from(defaults);
  } else {
    const config::Loaded loaded = config::load(file);
    if (!loaded.ok()) return makeError(Errc::Corrupt, "the configuration is not valid:\n" + loaded.report());
    context.settings = auth::Settings::from(*loaded.snapshot);
    context.serverUser = loaded.snapshot->get<"server.user">();
  }
  if (!userFile.empty()) {
    context.settings.userFile = userFile;
  } else if (context.settings.ldapDirectory) {
    return makeError(
        Errc::Unsupported,
        "users are in the LDAP directory (auth.directory: ldap): add and change them there; msuser keeps "
        "the file of auth.directory: file alone, or one named with --userfile");
  }
  return context;
}

Status dropPrivileges(Context& context) {
  if (geteuid() != 0) return okStatus();
  const std::string folder = folderOf(context.settings.userFile);
  // By a way that only root and the folder's owner can have laid: who else did could choose whose rights are
  // used.
  PH_TRY(const UniqueFd opened, proc::openFolder(folder));
  struct stat info {};
  if (fstat(opened.get(), &info) != 0) return errnoError("cannot look at " + folder);
  if (info.st_uid == 0) {
    if (context.serverUser.empty()) return okStatus();
    PH_TRY(const Account server, lookUp(getpwnam_r, context.serverUser.c_str(), context.serverUser));
    context.newOwner = auth::UserFileEdit::Owner{server.uid, server.gid};
    return okStatus();
  }
  PH_TRY(const Account owner, lookUp(getpwuid_r, info.st_uid, "of uid " + std::to_string(info.st_uid)));
  if (initgroups(owner.name.c_str(), owner.gid) != 0 || setresgid(owner.gid, owner.gid, owner.gid) != 0 ||
      setresuid(owner.uid, owner.uid, owner.uid) != 0)
    return errnoError("cannot become " + owner.name + ", who owns " + folder);
  return okStatus();
}

int exitStatus(Errc code) {
  switch (code) {
    case Errc::Invalid:
    case Errc::Unsupported:
    case Errc::Limit:
    case Errc::TooBig:
    case Errc::Corrupt:
    case Errc::Conflict:
      return EX_DATAERR;
    case Errc::NotFound:
      return EX_NOUSER;
    case Errc::Exists:
      return EX_CANTCREAT;
    case Errc::Denied:
    case Errc::AuthFailed:
      return EX_NOPERM;
    case Errc::Unavailable:
    case Errc::Busy:
    case Errc::Timeout:
      return EX_TEMPFAIL;
    case Errc::Io:
    case Errc::NoSpace:
    case Errc::OverQuota:
      return EX_IOERR;
    case Errc::Cancelled:
    case Errc::Internal:
      return EX_SOFTWARE;
  }
  return EX_SOFTWARE;
}

Result<std::string> idOf(const Context& context, const std::string& typed) {
  if (!typed.empty() && typed.front() == '@') {
    const std::string domain = ascii::toLower(std::string_view(typed).substr(1));
    PH_CHECK(auth::checkDomain(domain));
    return "@" + domain;
  }
  // Here '@' alone separates: what else base.loginseparator holds must not stand in a name at all.
  const auto name = auth::splitLogin(typed, "@", context.settings.defaultDomain);
  if (!name) return makeError(Errc::Invalid, "not a user name: " + ascii::printable(typed));
  std::string id = auth::canonicalId(name->user, name->domain, context.settings.defaultDomain);
  PH_CHECK(auth::checkName(id, context.settings.loginSeparator));
  return id;
}

}  // namespace posthorn::msuser
