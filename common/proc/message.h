// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "common/proc/worker_link.h"

namespace posthorn::proc {

/// The packet of a message and back. Unknown members are ignored (a later release may send them); an unknown
/// kind, another protocol number or a value out of range is Errc::Invalid. Pure; throws nothing.
std::string encode(const Message& message);
Result<Message> decode(std::string_view packet);

std::string_view toString(Kind kind);

}  // namespace posthorn::proc
