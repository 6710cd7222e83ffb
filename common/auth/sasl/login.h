// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/auth/sasl/mechanism.h"

namespace posthorn::auth::sasl {

/// LOGIN (draft-murchison-sasl-login, obsolete): the name, then the password, each asked for. Only for old
/// clients, off unless auth.mech_list names it. An initial response is the name.
class LoginMechanism final : public Mechanism {
 public:
  [[nodiscard]] std::string_view name() const override { return "LOGIN"; }
  Step start(std::optional<std::string_view> initial) override;
  Step next(std::string_view message) override;

 private:
  std::optional<std::string> user_;
};

}  // namespace posthorn::auth::sasl
