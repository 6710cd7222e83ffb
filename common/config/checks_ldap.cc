// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cerrno>

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/ascii.h"
#include "common/base/error.h"
#include "common/config/checks.h"
#include "common/config/search_filter.h"

namespace posthorn::config::checks {
namespace {

bool isLoopback(const std::string& host) {
  return host.starts_with("127.") || host == "localhost" || host.starts_with("localhost:") ||
         host.starts_with("[::1]") || host == "::1";
}

bool usesTls(const Snapshot& config) {
  return config.get<"base.ugldapusessl">() || config.get<"base.ugldapstarttls">();
}

void checkName(const std::string& option, const std::string& dn, Findings& findings) {
  if (dn.empty()) return;
  if (const std::string trouble = distinguishedNameTrouble(dn); !trouble.empty())
    add(findings, Severity::Error, option, option + " is not a distinguished name: " + trouble,
        "write it like ou=people,dc=example,dc=com");
}

void checkWhere(const Snapshot& config, Findings& findings) {
  if (config.get<"base.ugldaphost">().empty()) {
    add(findings, Severity::Error, "base.ugldaphost",
        "auth.directory is ldap, but base.ugldaphost names no server",
        "set base.ugldaphost to the LDAP servers");
  }
  const std::string& base = config.get<"base.ugldapbasedn">();
  if (base.empty()) {
    add(findings, Severity::Error, "base.ugldapbasedn",
        "auth.directory is ldap, but base.ugldapbasedn does not say where users are",
        "set base.ugldapbasedn");
  }
  checkName("base.ugldapbasedn", base, findings);
  if (config.get<"auth.ldapschema">() == "1") checkName("base.dcroot", config.get<"base.dcroot">(), findings);
  if (config.get<"auth.searchfordomain">() && config.get<"base.defaultdomain">().empty()) {
    add(findings, Severity::Warning, "base.defaultdomain",
        "without base.defaultdomain every user has to type his domain", "set base.defaultdomain");
  }
}

void checkBind(const Snapshot& config, Findings& findings) {
  const std::string& dn = config.get<"base.ugldapbinddn">();
  const bool password = !config.get<"base.ugldapbindcred">().empty();
  checkName("base.ugldapbinddn", dn, findings);
  if (!dn.empty() && !password) {
    add(findings, Severity::Error, "base.ugldapbindcred",
        "base.ugldapbinddn is set, but base.ugldapbindcred is not",
        "set base.ugldapbindcred: a bind without a password proves nothing");
  } else if (dn.empty() && password) {
    add(findings, Severity::Warning, "base.ugldapbindcred",
        "base.ugldapbindcred is of no use without base.ugldapbinddn", "set base.ugldapbinddn");
  }
}

bool inGroup(const passwd& user, gid_t group) {
  std::array<gid_t, 64> groups{};
  int count = static_cast<int>(groups.size());
  if (getgrouplist(user.pw_name, user.pw_gid, groups.data(), &count) < 0) return true;  // too many to tell
  return std::find(groups.begin(), groups.begin() + count, group) != groups.begin() + count;
}

/// By the file's own rights; folders above may still be closed, which the worker's log says then.
bool mayRead(const struct stat& info, const std::string& userName) {
  std::array<char, 4096> space{};
  passwd user{};
  passwd* found = nullptr;
  if (getpwnam_r(userName.c_str(), &user, space.data(), space.size(), &found) != 0 || found == nullptr)
    return true;
  if (user.pw_uid == 0) return true;
  if (info.st_uid == user.pw_uid) return (info.st_mode & S_IRUSR) != 0;
  if (inGroup(user, info.st_gid)) return (info.st_mode & S_IRGRP) != 0;
  return (info.st_mode & S_IROTH) != 0;
}

void checkAuthorities(const Snapshot& config, Findings& findings) {
  const std::string& file = config.get<"base.ugldapcafile">();
  const std::string hint = "set base.ugldapcafile to a PEM file that server.user may read";
  struct stat info {};
  if (file.empty()) {
    add(findings, Severity::Error, "base.ugldapcafile",
        "certificates of LDAP servers are to be checked, but base.ugldapcafile is empty", hint);
  } else if (stat(file.c_str(), &info) != 0) {
    add(findings, Severity::Error, "base.ugldapcafile", errnoError("base.ugldapcafile " + file).text, hint);
  } else if (!S_ISREG(info.st_mode)) {
    add(findings, Severity::Error, "base.ugldapcafile", "base.ugldapcafile " + file + " is not a file", hint);
  } else if (const std::string& user = config.get<"server.user">(); !mayRead(info, user)) {
    add(findings, Severity::Error, "base.ugldapcafile",
        "base.ugldapcafile " + file + " cannot be read by " + user +
            " (server.user): no LDAP server would be trusted",
        hint);
  }
}

void checkEncryption(const Snapshot& config, Findings& findings) {
  if (config.get<"base.ugldapusessl">() && config.get<"base.ugldapstarttls">()) {
    add(findings, Severity::Error, "base.ugldapstarttls",
        "base.ugldapusessl and base.ugldapstarttls contradict each other", "set one of them to no");
    return;
  }
  const auto& hosts = config.get<"base.ugldaphost">();
  const bool allHere = std::all_of(hosts.begin(), hosts.end(), isLoopback);
  if (!usesTls(config)) {
    if (!allHere)
      add(findings, Severity::Warning, "base.ugldapusessl", "passwords go to the LDAP servers unencrypted",
          "set base.ugldapstarttls or base.ugldapusessl to yes");
  } else if (config.get<"base.ldapcheckcert">()) {
    checkAuthorities(config, findings);
  } else {
    add(findings, Severity::Warning, "base.ldapcheckcert",
        "certificates of LDAP servers are not checked: anybody in between can read passwords",
        "set base.ldapcheckcert to yes");
  }
}

void checkTime(const Snapshot& config, Findings& findings) {
  constexpr std::chrono::seconds kMostForTwo{2};
  if (config.get<"auth.ldaptimeout">() <= kMostForTwo) return;
  add(findings, Severity::Warning, "auth.ldaptimeout",
      "a login asks two questions, so with this auth.ldaptimeout it may wait longer than 5 s while LDAP "
      "hangs",
      "use 2s or less");
}

}  // namespace

void ldap(const Snapshot& config, Findings& findings) {
  if (const std::string trouble = searchFilterTrouble(config.get<"auth.searchfilter">()); !trouble.empty())
    add(findings, Severity::Error, "auth.searchfilter", "auth.searchfilter: " + trouble,
        "write it like (&(uid=%U)(objectclass=inetmailuser))");
  if (config.get<"auth.directory">() != "ldap") {
    if (!config.get<"base.ugldaphost">().empty())
      add(findings, Severity::Note, "base.ugldaphost",
          "base.ugldaphost has no effect: auth.directory is file", "");
    return;
  }
  checkWhere(config, findings);
  checkBind(config, findings);
  checkEncryption(config, findings);
  checkTime(config, findings);
}

}  // namespace posthorn::config::checks
