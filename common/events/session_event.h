// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/base/bytes.h"
#include "common/events/notifier.h"
#include "common/net/stream.h"

namespace posthorn::events {

/// Who has a session. `by` is who proved to be somebody (an administrator), empty when that is the user.
struct SessionUser {
  std::string account;
  std::string by;
  std::optional<net::Endpoint> client{};  ///< where it is not the stream's peer, but somebody behind it
};

/// Login and Logout (RFC 5423 section 4.3), if somebody wants them. Loop thread, any service; `notifier` may
/// be null.
void tellLogin(const Notifier* notifier, const net::Stream& stream, const SessionUser& user, View mechanism);
void tellLogout(const Notifier* notifier, const net::Stream& stream, const SessionUser& user, View disconnect,
                std::chrono::seconds lasted);

}  // namespace posthorn::events
