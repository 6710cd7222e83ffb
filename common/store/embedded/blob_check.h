// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/result.h"
#include "common/store/embedded/account_dir.h"
#include "common/store/embedded/index.h"
#include "common/store/engine/engine.h"

namespace posthorn::store::embedded {

enum class Thorough {
  No,   ///< only that every segment is there
  Yes,  ///< reads every live blob, too
};

/// Holds the segments that the index names against the files; adds blobs and damage to the report.
Status checkBlobs(const AccountDir& account, Txn& txn, Thorough thorough, RepairReport& report);

}  // namespace posthorn::store::embedded
