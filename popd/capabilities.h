// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/base/bytes.h"

namespace posthorn::popd {

/// What the list of capabilities depends on.
struct CapabilityFacts {
  std::vector<View> mechanisms;        ///< SASL, empty: none is offered
  bool user = false;                   ///< USER and PASS are possible on this connection
  bool stls = false;                   ///< STLS is possible now
  bool loggedIn = false;               ///< IMPLEMENTATION is told to users only
  std::chrono::seconds loginDelay{0};  ///< pop.popminpoll; 0: none
  View expire = "NEVER";               ///< pop.expire
};

/// The whole answer to CAPA (RFC 2449 §5, 2595, 5034, 3206, 6856). Pure.
std::string capabilityResponse(const CapabilityFacts& facts);

}  // namespace posthorn::popd
