// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.h"
#include "common/base/unique_fd.h"

namespace posthorn::proc {

/// A memfd with `bytes`, sealed against every change, close-on-exec. `name` shows in /proc/PID/fd.
Result<UniqueFd> sealedMemfd(const char* name, std::string_view bytes);

/// The whole content, from any file position. Errc::Denied when it is not sealed against writing and
/// shrinking (its sender could change it while we read), TooBig over `limit`.
Result<std::string> readSealed(int fd, std::size_t limit);

}  // namespace posthorn::proc
