// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/auth/directory.h"
#include "common/auth/settings.h"
#include "common/config/snapshot.h"
#include "common/store/store.h"

namespace posthorn::deliver {

/// What a delivery stands on: a value, copied into jobs. The directory outlives all of them.
struct Site {
  std::shared_ptr<const config::Snapshot> config;
  std::shared_ptr<const auth::Settings> names;  ///< how login names are split
  auth::Directory* directory = nullptr;
  std::shared_ptr<store::Store> store;
};

}  // namespace posthorn::deliver
