// SPDX-License-Identifier: Apache-2.0
#include "common/config/checks.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "common/base/ascii.h"
#include "common/config/names.h"
#include "common/config/network.h"
#include "common/config/value.h"

namespace posthorn::config::checks {

void base(const Snapshot& config, Findings& findings) {
  const std::string& separator = config.get<"base.loginseparator">();
  if (std::any_of(separator.begin(), separator.end(), [](char c) {
        return ascii::isAlpha(c) || ascii::isDigit(c) || c == '.' || c == '-' || c == '_' || c == ' ';
      })) {
    add(findings, Severity::Error, "base.loginseparator",
        "base.loginseparator holds a character that user names and domains are made of",
        "use signs like @ or +");
  }
  // sockaddr_un has 108 bytes; the longest name that is made under rundir is "/control.sock".
  if (config.get<"server.rundir">().size() > 107 - std::string_view("/control.sock").size()) {
    add(findings, Severity::Error, "server.rundir",
        "the path of the control socket would be longer than 107 bytes", "choose a shorter server.rundir");
  }
  if (config.get<"log.target">() == "journal" && config.get<"log.format">() != "keyvalue" &&
      config.isSet<"log.format">()) {
    add(findings, Severity::Note, "log.format", "log.format has no effect: the journal has fields of its own",
        "");
  }
}

namespace {

std::string option(Service service, std::string_view rest) {
  return std::string(nameOf(service)) + std::string(rest);
}

void checkTls(const Snapshot& config, const ServiceConfig& s, Findings& findings) {
  const std::string sslport = option(s.service, ".enablesslport");
  const std::string usessl = option(s.service, ".sslusessl");
  if (s.enablesslport && !s.sslusessl) {
    add(findings, Severity::Error, sslport, sslport + " and " + usessl + " contradict each other",
        "set " + usessl + " to yes or " + sslport + " to no");
  } else if (s.enablesslport && s.certificates.empty()) {
    add(findings, Severity::Error, sslport, sslport + " needs a certificate",
        "set tls:NAME.cert and tls:NAME.key to PEM files");
  } else if (s.sslusessl && s.certificates.empty() && s.service != Service::Ens) {
    add(findings, Severity::Warning, usessl,
        "TLS is not offered by " + std::string(nameOf(s.service)) + ": there is no certificate",
        "set tls:NAME.cert and tls:NAME.key to PEM files, or " + usessl + " to no");
  }
  const std::vector<std::string> known = config.groups("tls");
  for (const std::string& name : *std::get_if<std::vector<std::string>>(
           &config.cell(findRow(option(s.service, ".sslnicknames")))->value)) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    add(findings, Severity::Error, option(s.service, ".sslnicknames"), "there is no certificate tls:" + name,
        known.empty() ? "no certificates are configured" : "the first one is tls:" + known.front());
  }
}

void checkPasswords(const ServiceConfig& s, Findings& findings) {
  const std::string name = option(s.service, ".plaintextmincipher");
  if (s.plaintextmincipher < 0) {
    add(findings, Severity::Warning, name,
        "password logins are forbidden in " + std::string(nameOf(s.service)) +
            ", and this release has no other login: nobody can log in",
        "use 1 to demand TLS instead");
  } else if (s.plaintextmincipher > 0 && !s.offersTls()) {
    add(findings, Severity::Warning, name,
        "password logins need TLS, which " + std::string(nameOf(s.service)) +
            " does not offer: nobody can log in",
        "set up a certificate, or " + name + " to 0");
  }
}

void checkIncompletePairs(const Snapshot& config, Findings& findings) {
  for (const std::string& name : config.groups("tls")) {
    const bool cert = !config.group<"tls:*.cert">(name).empty();
    const bool key = !config.group<"tls:*.key">(name).empty();
    if (cert == key) continue;
    const std::string pair = "tls:" + name;
    const std::string missing = pair + (cert ? ".key" : ".cert");
    add(findings, Severity::Warning, pair + (cert ? ".cert" : ".key"),
        fmt::format("the pair {} is not used: {} is missing", pair, missing), "set " + missing);
  }
}

constexpr Service kBuilt[] = {Service::Pop, Service::Imap, Service::Http, Service::Lmtp, Service::Ens};

bool isLoopback(const std::string& address) {
  return address == "::1" || address.starts_with("127.");
}

/// LMTP has no login: who reaches it delivers to anybody.
void checkLmtp(const Snapshot& config, const ServiceConfig& s, Findings& findings) {
  const bool ports = s.port != 0 || s.enablesslport;
  if (!ports && s.localSockets.empty()) {
    add(findings, Severity::Error, "lmtp.port", "lmtp listens nowhere: it has neither a port nor a socket",
        "set lmtp.socket or lmtp.port");
  }
  for (const LocalSocket& socket : s.localSockets) {
    // sockaddr_un has 108 bytes.
    if (socket.path.size() <= 107) continue;
    add(findings, Severity::Error, "lmtp.socket", "the path of lmtp.socket is longer than 107 bytes",
        "choose a shorter one");
  }
  const auto& clients = config.get<"lmtp.clients">();
  for (const std::string& client : clients) {
    const auto network = parseNetwork(client);
    if (!ports || !network || (network->prefix != 0 && network->prefix != 96)) continue;
    add(findings, Severity::Warning, "lmtp.clients",
        client + " lets every host deliver mail: LMTP has no login",
        "list the addresses of the mail servers only");
  }
  const bool open = ports && std::any_of(s.listenaddr.begin(), s.listenaddr.end(),
                                         [](const auto& a) { return !isLoopback(a); });
  if (open && !config.isSet<"lmtp.clients">()) {
    add(findings, Severity::Warning, "lmtp.listenaddr",
        "lmtp listens beyond this host, but lmtp.clients lets only this host in",
        "list the addresses of the mail servers in lmtp.clients");
  }
}

}  // namespace

void services(const Snapshot& config, Findings& findings) {
  checkIncompletePairs(config, findings);
  for (const Service service : kBuilt) {
    const ServiceConfig s = config.service(service);
    if (!s.enable) continue;
    checkTls(config, s, findings);
    // mshttpd has no login in this release, LMTP has none at all: so no password either.
    if (service == Service::Pop || service == Service::Imap) checkPasswords(s, findings);
    if (service == Service::Lmtp) checkLmtp(config, s, findings);
    if (s.proxyprotocol && config.get<"base.trustedproxies">().empty()) {
      add(findings, Severity::Error, option(service, ".proxyprotocol"),
          option(service, ".proxyprotocol") +
              " is on, but base.trustedproxies is empty: nobody could connect",
          "list the addresses of the proxies in base.trustedproxies");
    }
    if (s.maxunauthsessions == s.maxsessions && s.maxsessions > 16) {
      add(findings, Severity::Warning, option(service, ".maxunauthsessions"),
          "connections without a login may take all sessions of " + std::string(nameOf(service)),
          "choose less than maxsessions");
    }
  }
}

namespace {

struct Listener {
  std::string address;
  std::uint16_t port;
  std::string option;
};

bool isAny(const std::string& address) {
  return address == "0.0.0.0" || address == "::";
}

/// Listeners are IPV6_V6ONLY, so that 0.0.0.0 and :: do not meet.
bool collide(const Listener& a, const Listener& b) {
  if (a.port != b.port) return false;
  if (a.address == b.address) return true;
  const bool sameFamily =
      (a.address.find(':') == std::string::npos) == (b.address.find(':') == std::string::npos);
  return sameFamily && (isAny(a.address) || isAny(b.address));
}

std::vector<Listener> listenersOf(const Snapshot& config) {
  std::vector<Listener> listeners;
  for (const Service service : kBuilt) {
    const ServiceConfig s = config.service(service);
    if (!s.enable) continue;
    for (const std::string& address : s.listenaddr) {
      if (s.port != 0) listeners.push_back({address, s.port, option(service, ".port")});
      if (s.enablesslport) listeners.push_back({address, s.sslport, option(service, ".sslport")});
    }
  }
  return listeners;
}

}  // namespace

void ports(const Snapshot& config, Findings& findings) {
  std::set<std::pair<std::string, std::string>> told;
  const std::vector<Listener> listeners = listenersOf(config);
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const Listener& a = listeners[j];
      const Listener& b = listeners[i];
      if (!collide(a, b) || !told.insert({a.option, b.option}).second) continue;
      const std::string port = std::to_string(b.port);
      if (a.option == b.option) {
        add(findings, Severity::Error, "base.listenaddr",
            b.address + " and " + a.address + " are the same place for " + b.option + " " + port,
            "list an address once, and none beside 0.0.0.0 or :: of its kind");
      } else {
        add(findings, Severity::Error, b.option, b.option + " and " + a.option + " are both " + port,
            "give one of them another port");
      }
    }
  }
}

void auth(const Snapshot& config, Findings& findings) {
  const std::string& scheme = config.get<"auth.passwordscheme">();
  const std::int64_t cost = config.get<"auth.passwordcost">();
  const bool rounds = scheme == "sha512crypt" || scheme == "sha256crypt";
  const std::int64_t least = rounds ? 1000 : scheme == "bcrypt" ? 4 : 1;
  const std::int64_t most = rounds ? 999'999'999 : scheme == "bcrypt" ? 31 : 11;
  if (cost != 0 && (cost < least || cost > most)) {
    add(findings, Severity::Error, "auth.passwordcost",
        "auth.passwordcost of " + scheme + " goes from " + std::to_string(least) + " to " +
            std::to_string(most),
        "use 0 for the library's choice");
  }
  if (config.get<"auth.failuredelaymax">() < config.get<"auth.failuredelay">()) {
    add(findings, Severity::Error, "auth.failuredelaymax",
        "auth.failuredelaymax is less than auth.failuredelay", "raise the one or lower the other");
  }
}

namespace {

void checkFolders(const Snapshot& config, Findings& findings) {
  std::set<std::string> names;
  std::set<std::string> uses;
  for (const std::string& folder : config.get<"store.defaultfoldernames">()) {
    const std::size_t sign = std::min(folder.rfind('='), folder.size());
    const bool isNew = names.insert(folder.substr(0, sign)).second &&
                       (sign == folder.size() || uses.insert(ascii::toLower(folder.substr(sign))).second);
    if (isNew) continue;
    add(findings, Severity::Error, "store.defaultfoldernames", "a name or a use is listed twice: " + folder,
        "list each once");
  }
}

bool isInside(const std::string& inner, const std::string& outer) {
  return inner == outer || (inner.size() > outer.size() && inner.compare(0, outer.size(), outer) == 0 &&
                            inner[outer.size()] == '/');
}

}  // namespace

void store(const Snapshot& config, Findings& findings) {
  checkFolders(config, findings);
  std::map<std::string, std::string> paths;
  for (const std::string& name : config.groups("partition"))
    paths[name] = config.group<"partition:*.path">(name);
  const auto primary = config.partitionPath("primary");
  if (primary.ok()) paths["primary"] = *primary;
  if (config.isSet<"store.path">() && config.get<"store.path">() != paths["primary"]) {
    add(findings, Severity::Error, "store.path",
        "store.path and partition:primary.path are the same thing, but differ", "remove one of them");
  }
  for (const auto& [a, pathA] : paths) {
    for (const auto& [b, pathB] : paths) {
      if (a == b || pathA.empty() || pathB.empty() || !isInside(pathA, pathB) || (pathA == pathB && a < b))
        continue;
      add(findings, Severity::Error, "partition:" + a + ".path",
          fmt::format("partition {} lies inside of partition {}", a, b),
          "give each partition a directory of its own");
    }
  }
  const std::string& fallback = config.get<"store.defaultpartition">();
  if (paths.find(fallback) == paths.end()) {
    add(findings, Severity::Error, "store.defaultpartition", "there is no partition " + fallback,
        "set partition:" + fallback + ".path");
  }
}

namespace {

void checkRow(const Option& row, const std::string& name, const Snapshot::Cell& cell, std::size_t number,
              Findings& findings) {
  if (!cell.isSet) return;
  if (!row.deprecatedSince.empty()) {
    add(findings, Severity::Warning, name, name + " is deprecated since " + std::string(row.deprecatedSince),
        row.replacedBy.empty() ? "" : "use " + std::string(row.replacedBy));
  }
  if (row.actsLater.empty()) return;
  const bool asBefore = cell.value == fallbackOf(number);
  const Severity severity = asBefore ? Severity::Note : row.refusedYet ? Severity::Error : Severity::Warning;
  add(findings, severity, name, name + " has no effect yet: " + std::string(row.actsLater),
      row.refusedYet && !asBefore ? "remove it" : "");
}

}  // namespace

void notYet(const Snapshot& config, Findings& findings) {
  for (std::size_t row = 0; row < kOptions.size(); ++row) {
    const Snapshot::Cell* cell = config.cell(row);
    if (cell != nullptr) checkRow(kOptions[row], std::string(kOptions[row].name), *cell, row, findings);
  }
  for (const auto& [kind, members] : config.allGroups()) {
    for (const auto& [name, cells] : members) {
      for (const auto& [row, cell] : cells) {
        checkRow(kOptions[row], Named{row, name, false}.canonical(), cell, row, findings);
      }
    }
  }
}

}  // namespace posthorn::config::checks
