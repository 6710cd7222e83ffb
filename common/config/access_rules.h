// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace posthorn::config {

/// Who may do something, by address: the grammar of ENS_ACCESS.
///
///   rules = rule *( ";" rule )
///   rule  = ( "+" / "-" ) ( IPv4 "|" dotted-mask / address "/" prefix-length )
///
/// The address may have bits that the mask leaves out. The last rule that holds the client's address decides;
/// when there is none, the client may not.
class AccessRules {
 public:
  /// No rules: nobody may.
  AccessRules() = default;

  /// Invalid: the text says which rule is wrong and what is expected there. An empty text has no rules.
  static Result<AccessRules> parse(std::string_view text);

  /// `client` in the form of Network: IPv4 as ::ffff:a.b.c.d.
  [[nodiscard]] bool allow(const std::array<std::uint8_t, 16>& client) const;
  [[nodiscard]] bool empty() const { return rules_.empty(); }
  /// Every address is allowed: nothing is refused and a rule holds all addresses of its family.
  [[nodiscard]] bool open() const;

 private:
  struct Rule {
    bool allow = false;
    std::array<std::uint8_t, 16> address{};  // its host bits are zero
    int prefix = 0;                          // of 128 bits
  };
  static Result<Rule> parseRule(std::string_view text, std::size_t number);

  std::vector<Rule> rules_;
};

}  // namespace posthorn::config
