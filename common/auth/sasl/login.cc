// SPDX-License-Identifier: Apache-2.0
#include "common/auth/sasl/login.h"

#include "common/auth/login_name.h"

namespace posthorn::auth::sasl {

Step LoginMechanism::start(std::optional<std::string_view> initial) {
  // An empty initial response is some clients' way to say that they have none.
  if (!initial || initial->empty()) return Challenge{"Username:"};
  return next(*initial);
}

Step LoginMechanism::next(std::string_view message) {
  if (message.size() > kMaxMessage || message.find('\0') != std::string_view::npos) return Failed{};
  if (!user_) {
    if (message.empty()) return Failed{};
    if (message.size() > kMaxName) return Failed{Reason::BadName};
    user_ = std::string(message);
    return Challenge{"Password:"};
  }
  return Credentials{{}, *user_, Secret(message)};
}

}  // namespace posthorn::auth::sasl
