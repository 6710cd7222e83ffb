// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::migrate {

/// Unsupported when a file that begins so is no message as clients see it: compressed or encrypted by a
/// plugin of its server, which has to undo that first.
Status checkIsMail(View begin);

}  // namespace posthorn::migrate
