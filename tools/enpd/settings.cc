// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/settings.h"

namespace posthorn::enpd {

Result<Settings> Settings::from(const config::Snapshot& config) {
  Settings made;
  PH_TRY(made.access, config::AccessRules::parse(config.get<"ens.access">()));
  PH_TRY(made.publish, config::AccessRules::parse(config.get<"ens.publish">()));
  made.maxSubscriptions = static_cast<std::size_t>(config.get<"ens.maxsubscriptions">());
  made.maxQueue = static_cast<std::size_t>(config.get<"ens.maxqueue">());
  made.maxQueueBytes = static_cast<std::size_t>(config.get<"ens.maxqueuebytes">());
  made.maxLine = static_cast<std::size_t>(config.get<"ens.maxlinelength">());
  made.maxBadCommands = static_cast<unsigned>(config.get<"ens.maxbadcommands">());
  made.pingInterval = config.get<"ens.pinginterval">();
  made.host = config.hostname();
  made.targets = events::targetsFrom(config);
  return made;
}

}  // namespace posthorn::enpd
