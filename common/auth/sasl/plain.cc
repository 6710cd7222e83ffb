// SPDX-License-Identifier: Apache-2.0
#include "common/auth/sasl/plain.h"

#include "common/auth/login_name.h"

namespace posthorn::auth::sasl {

Step Plain::start(std::optional<std::string_view> initial) {
  if (!initial) return Challenge{};
  return next(*initial);
}

Step Plain::next(std::string_view message) {
  if (message.size() > kMaxMessage) return Failed{};
  const std::size_t first = message.find('\0');
  if (first == std::string_view::npos) return Failed{};
  const std::size_t second = message.find('\0', first + 1);
  if (second == std::string_view::npos) return Failed{};
  if (message.find('\0', second + 1) != std::string_view::npos) return Failed{};
  const std::string_view authzid = message.substr(0, first);
  const std::string_view authcid = message.substr(first + 1, second - first - 1);
  if (authcid.empty()) return Failed{};
  if (authzid.size() > kMaxName || authcid.size() > kMaxName) return Failed{Reason::BadName};
  return Credentials{std::string(authzid), std::string(authcid), Secret(message.substr(second + 1))};
}

}  // namespace posthorn::auth::sasl
