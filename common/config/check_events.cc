// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "common/config/access_rules.h"
#include "common/config/checks.h"
#include "common/config/idle.h"

namespace posthorn::config::checks {
namespace {

bool isLoopback(const std::string& address) {
  return address == "::1" || address.starts_with("127.");
}

bool listensBeyond(const ServiceConfig& ens) {
  return std::any_of(ens.listenaddr.begin(), ens.listenaddr.end(),
                     [](const std::string& address) { return !isLoopback(address); });
}

/// What is told to everybody: the texts were judged when they were read.
bool open(const std::string& rules) {
  const auto parsed = AccessRules::parse(rules);
  return parsed.ok() && parsed->open();
}

void publishing(const Snapshot& config, Findings& findings) {
  if (const std::string why = whyNoIdle(config); !why.empty()) {
    add(findings, Severity::Warning, "ens.noneinbox.enable", "IDLE is not announced: " + why,
        "clients poll instead of waiting; leave it unset to have IDLE");
  }
  const std::string& plugins = config.get<"ens.notifyplugin">();
  if (plugins.find("jmq") != std::string::npos) {
    add(findings, Severity::Warning, "ens.notifyplugin",
        "there is no publisher for message queues: subscribe to the event service instead", "");
  } else if (!plugins.empty()) {
    add(findings, Severity::Note, "ens.notifyplugin",
        "the publisher of events is built in, there is nothing to load", "");
  }
}

/// Keys stand in lines of words between event services.
void keys(const Snapshot& config, Findings& findings) {
  for (const auto& name : config.groups("notifytarget")) {
    const std::string& key = config.group<"notifytarget:*.enseventkey">(name);
    const bool plain = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (plain && key.starts_with("enp://")) continue;
    const std::string option = "notifytarget:" + name + ".enseventkey";
    add(findings, Severity::Error, option,
        option + " is no event key: it begins with enp:// and has neither blanks nor characters beyond ASCII",
        "write them as %20 and so on, for example enp://127.0.0.1/store");
  }
}

}  // namespace

void events(const Snapshot& config, Findings& findings) {
  publishing(config, findings);
  keys(config, findings);
  const ServiceConfig ens = config.service(Service::Ens);
  if (!ens.enable) return;
  if (open(config.get<"ens.access">()) && listensBeyond(ens)) {
    add(findings, Severity::Warning, "ens.access",
        "every host that reaches the event service learns who gets mail and who logs in",
        "list the addresses that need it, for example +192.168.0.0|255.255.255.0");
  }
  if (open(config.get<"ens.publish">())) {
    add(findings, Severity::Warning, "ens.publish", "every host that ens.access lets in may publish events",
        "list the addresses of the other event services only");
  }
  if (listensBeyond(ens) && !ens.offersTls()) {
    add(findings, Severity::Warning, "ens.listenaddr",
        "the event service listens beyond this host without TLS: events go over the network in clear",
        "set tls:NAME.cert and tls:NAME.key to PEM files");
  }
  if (listensBeyond(ens) && !config.isSet<"ens.access">()) {
    add(findings, Severity::Warning, "ens.listenaddr",
        "the event service listens beyond this host, but ens.access lets only this host in",
        "list the addresses that may connect in ens.access");
  }
}

}  // namespace posthorn::config::checks
