// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "mshttpd/jmap/method.h"

namespace posthorn::mshttpd::jmap {

inline constexpr std::string_view kCore = "urn:ietf:params:jmap:core";
inline constexpr std::string_view kMail = "urn:ietf:params:jmap:mail";
inline constexpr std::string_view kSubmission = "urn:ietf:params:jmap:submission";
inline constexpr std::string_view kQuota = "urn:ietf:params:jmap:quota";
inline constexpr std::string_view kBlob = "urn:ietf:params:jmap:blob";
inline constexpr std::string_view kPrincipals = "urn:ietf:params:jmap:principals";
/// Of accounts only (RFC 9670 1.5.2).
inline constexpr std::string_view kPrincipalsOwner = "urn:ietf:params:jmap:principals:owner";

/// What is told of an account in the session resource.
struct AccountView {
  std::string id;
  std::string owner;
  bool own = true;
};

/// A specification that clients may use: a key of `using`.
struct CapabilitySpec {
  std::string_view uri;
  Json (*session)(const Limits& limits);
  /// Null: no methods of an account (core).
  Json (*account)(const Limits& limits, const Caller& caller, const AccountView& account);
  bool shared;  ///< also of an account that somebody shares
};

/// What is offered. VacationResponse, PushSubscription and WebSocket are not, and have no row.
std::span<const CapabilitySpec> capabilityTable();
bool isCapability(std::string_view uri);

}  // namespace posthorn::mshttpd::jmap
