// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace posthorn::auth {

/// The steps of a login in their order (facts 4.1 to 4.3).
enum class Step : std::uint8_t {
  Gate,      ///< the process's own refusal before anything is looked up
  Name,      ///< what was typed, split and prepared
  Domain,    ///< the domain's entry and what it says of searching
  Search,    ///< base, filter and server of the search for the user
  Entry,     ///< what was found
  Password,  ///< how it was verified; never the password
  Proxy,     ///< for whom the login acts
  Status,    ///< the status chain
  Host,      ///< mailHost
  Service,   ///< mailAllowedServiceAccess
  Account,   ///< the process's own refusal of an account
};
std::string_view toString(Step step);

/// Who hears each value that decided something, while it is decided (`msconfig explain login`). Called on the
/// login's thread, in order. `value` may hold anything that stands in the directory: make it printable before
/// it is shown.
class Trace {
 public:
  virtual ~Trace() = default;
  Trace() = default;
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  virtual void note(Step step, std::string_view what, std::string_view value) = 0;
};

}  // namespace posthorn::auth
