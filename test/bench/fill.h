// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "common/base/result.h"
#include "common/store/mailbox.h"

namespace posthorn::bench {

/// A message of `octets` (at least its header's length); every number makes another one. Lines have 80
/// octets.
std::string messageText(std::uint64_t number, std::uint64_t octets);

/// Appends `count` messages, many in a commit, whatever the quota says. Blocks.
Status fill(const store::AccountHandle& account, store::MailboxHandle& box, std::uint64_t count,
            std::uint64_t octets);

}  // namespace posthorn::bench
