// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/clock.h"

namespace posthorn::tools {

/// "Sat, 21 Nov 2026 10:11:12 +0000" (RFC 5322 §3.3).
std::string fieldDate(Wall when);

}  // namespace posthorn::tools
