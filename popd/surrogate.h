// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "common/base/result.h"
#include "popd/transfer.h"

namespace posthorn::popd {

/// A longer header is not rewritten: its message is refused to clients that did not ask for UTF8.
inline constexpr std::size_t kMaxSurrogateHeader = 256UL * 1024;

/// A header in ASCII that stands for one that is not (RFC 6856 section 2.1, in the manner of RFC 6858): texts
/// and display names become encoded words, an address that needs more than ASCII becomes one that nobody has,
/// other octets over 0x7F become '_'. Fields that are ASCII stay as they are. Pure.
std::string asciiHeader(View header);

/// The whole answer of RETR, or of TOP with `lines`, its first window included. A message whose header needs
/// UTF8 mode comes with asciiHeader() when `box` is not for such a client. Blocks. `text` makes the status
/// line from the octets that are sent (without dots).
Result<Opening> openMessage(const Maildrop& box, store::MessageBody body, std::optional<std::uint32_t> lines,
                            std::string (*text)(std::uint64_t octets));

}  // namespace posthorn::popd
