// SPDX-License-Identifier: Apache-2.0

// Lines of the user file: what is accepted is written back to a line that means the same.

#include "common/auth/file/user_line.h"

#include "test/fuzz/require.h"

using namespace posthorn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line = fuzz::text(data, size);
  static_cast<void>(auth::nameOfLine(line));
  if (const auto user = auth::parseUserLine(line); user.ok()) {
    const std::string written = auth::formatUserLine(*user);
    const auto again = auth::parseUserLine(written);
    fuzz::require(again.ok() && auth::formatUserLine(*again) == written && again->hash == user->hash,
                  "a user's line survives being written");
  }
  if (const auto domain = auth::parseDomainLine(line); domain.ok()) {
    const std::string written = auth::formatDomainLine(*domain);
    const auto again = auth::parseDomainLine(written);
    fuzz::require(again.ok() && auth::formatDomainLine(*again) == written,
                  "a domain's line survives being written");
  }
  return 0;
}
