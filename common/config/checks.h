// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/config/finding.h"
#include "common/config/snapshot.h"

// Rules between options, one function a room; run by load() for master, msconfig and tests alike. They
// append what they find; lines are filled in by load().

namespace posthorn::config::checks {

void base(const Snapshot& config, Findings& findings);
void services(const Snapshot& config, Findings& findings);
void ports(const Snapshot& config, Findings& findings);
void auth(const Snapshot& config, Findings& findings);
/// Looks at base.ugldapcafile, too, and whether server.user may read it.
void ldap(const Snapshot& config, Findings& findings);
void store(const Snapshot& config, Findings& findings);
void proxy(const Snapshot& config, Findings& findings);
/// The event service: who learns what.
void events(const Snapshot& config, Findings& findings);
/// Options that are set but not read by this release, and deprecated ones.
void notYet(const Snapshot& config, Findings& findings);

inline void all(const Snapshot& config, Findings& findings) {
  base(config, findings);
  services(config, findings);
  ports(config, findings);
  auth(config, findings);
  ldap(config, findings);
  store(config, findings);
  proxy(config, findings);
  events(config, findings);
  notYet(config, findings);
}

inline void add(Findings& findings, Severity severity, std::string option, std::string text,
                std::string hint) {
  findings.push_back(Finding{severity, std::move(option), std::move(text), std::move(hint), 0});
}

}  // namespace posthorn::config::checks
