// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "common/base/ascii.h"
#include "common/config/checks.h"

// How mshttpd reaches users' mail.

namespace posthorn::config::checks {
namespace {

/// Whether mshttpd has someone to log in as at `host`; empty: at all others.
struct Login {
  std::string host;
  bool admin = false;
  bool password = false;
};

std::string adminOption(const std::string& host) {
  return host.empty() ? "base.proxyadmin" : "proxy:" + host + ".imapadmin";
}

std::string passwordOption(const std::string& host) {
  return host.empty() ? "base.proxyadminpass" : "proxy:" + host + ".imapadminpass";
}

void checkLogin(const Login& login, Findings& findings) {
  if (login.admin && login.password) return;
  const std::string there = login.admin ? adminOption(login.host) : passwordOption(login.host);
  const std::string missing = login.admin ? passwordOption(login.host) : adminOption(login.host);
  if (login.admin != login.password) {
    add(findings, Severity::Warning, there,
        there + " is of no use without " + missing + ": mshttpd refuses every login", "set " + missing);
  }
}

void checkGroups(const Snapshot& config, Login fallback, Findings& findings) {
  for (const std::string& host : config.groups("proxy")) {
    // A half that the host does not have of its own is that of all hosts.
    const bool own = !config.group<"proxy:*.imapadmin">(host).empty() ||
                     !config.group<"proxy:*.imapadminpass">(host).empty();
    if (!own) continue;
    checkLogin({.host = host,
                .admin = fallback.admin || !config.group<"proxy:*.imapadmin">(host).empty(),
                .password = fallback.password || !config.group<"proxy:*.imapadminpass">(host).empty()},
               findings);
  }
}

bool anyBackEnd(const Snapshot& config) {
  return !config.groups("proxy").empty() || config.isSet<"base.proxyimapport">() ||
         config.isSet<"base.proxyimapssl">();
}

void checkMissing(const Snapshot& config, const Login& login, Findings& findings) {
  if (login.admin || login.password) return;
  const auto groups = config.groups("proxy");
  const bool somewhere = std::any_of(groups.begin(), groups.end(), [&](const std::string& host) {
    return !config.group<"proxy:*.imapadmin">(host).empty() &&
           !config.group<"proxy:*.imapadminpass">(host).empty();
  });
  if (somewhere) return;
  add(findings, Severity::Warning, "base.proxyadmin",
      "base.proxyadmin and base.proxyadminpass are not set: mshttpd refuses every login",
      "set both to a store administrator's, or http.enable to no");
}

void checkTls(const Snapshot& config, Findings& findings) {
  const bool usesTls = config.get<"http.sslusessl">();
  const auto complain = [&](const std::string& option) {
    add(findings, Severity::Error, option, option + " needs http.sslusessl", "set http.sslusessl to yes");
  };
  bool any = config.get<"base.proxyimapssl">();
  if (any && !usesTls) complain("base.proxyimapssl");
  for (const std::string& host : config.groups("proxy")) {
    if (!config.group<"proxy:*.imapssl">(host)) continue;
    any = true;
    if (!usesTls) complain("proxy:" + host + ".imapssl");
  }
  const std::string& file = config.get<"base.proxyimapcafile">();
  if (any && !file.empty() && access(file.c_str(), R_OK) != 0) {
    add(findings, Severity::Error, "base.proxyimapcafile",
        errnoError("base.proxyimapcafile " + file).text + ": no store would be trusted",
        "set it to a PEM file that server.user may read");
  }
}

}  // namespace

void proxy(const Snapshot& config, Findings& findings) {
  const std::string& admin = config.get<"base.proxyadmin">();
  const Login login{
      .host = {}, .admin = !admin.empty(), .password = !config.get<"base.proxyadminpass">().empty()};
  checkLogin(login, findings);
  checkGroups(config, login, findings);
  const auto& admins = config.get<"store.admins">();
  if (!admin.empty() && std::find(admins.begin(), admins.end(), admin) == admins.end()) {
    add(findings, Severity::Warning, "base.proxyadmin",
        admin + " is not in store.admins: stores with this configuration refuse to let it act for users",
        "add it to store.admins");
  }
  checkTls(config, findings);
  if (!config.service(Service::Http).enable) return;
  checkMissing(config, login, findings);
  if (!config.service(Service::Imap).enable && !anyBackEnd(config)) {
    add(findings, Severity::Warning, "http.enable",
        "http is enabled, imap is not, and no other IMAP server is configured: nobody has mail to see",
        "set imap.enable to yes, or base.proxyimapport and proxy:HOST.imaphost to where mail is");
  }
}

}  // namespace posthorn::config::checks
