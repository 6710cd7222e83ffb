// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/auth/sasl/mechanism.h"

namespace posthorn::auth::sasl {

/// PLAIN (RFC 4616): one message `[authzid] NUL authcid NUL password`. Preparation is login()'s.
class Plain final : public Mechanism {
 public:
  [[nodiscard]] std::string_view name() const override { return "PLAIN"; }
  Step start(std::optional<std::string_view> initial) override;
  Step next(std::string_view message) override;
};

}  // namespace posthorn::auth::sasl
