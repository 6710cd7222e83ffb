// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/net/loop.h"
#include "common/stats/scoreboard.h"
#include "common/tls/context.h"
#include "tools/enpd/exchange.h"
#include "tools/enpd/settings.h"

namespace posthorn::enpd {

/// What all sessions stand on. Owned by the server, outlives them; loop thread. Settings and TLS are
/// replaced, never edited: a session reads them anew at each use.
struct Shared {
  net::Loop& loop;
  stats::Slot slot;
  std::shared_ptr<const Settings> settings;
  std::shared_ptr<const tls::Context> tls;  ///< null when TLS is not offered
  Exchange exchange;
};

}  // namespace posthorn::enpd
