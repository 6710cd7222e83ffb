// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mshttpd/jmap/method.h"

// What all /get methods have in common (RFC 8620 5.1). Pure.

namespace posthorn::mshttpd::jmap {

struct GetArgs {
  bool all = false;                   ///< `ids` was null
  std::vector<std::string> ids;       ///< each once, in the client's order
  std::vector<std::string> notFound;  ///< what cannot be an id
  std::optional<std::vector<std::string>> properties;

  /// Whether the client is told this property: `id` always (RFC 8620 5.1).
  [[nodiscard]] bool wants(std::string_view property) const;
};

/// Reads ids and properties: a failure when an argument is of a wrong type, or when there are more ids than
/// maxObjectsInGet. `known`: the properties there are, `id` among them; empty: the method checks them.
std::optional<Failure> readGetArgs(const Call& call, const Json& args,
                                   std::span<const std::string_view> known, GetArgs& out);

/// requestTooLarge.
Failure tooManyObjects(const Call& call);

/// {"accountId", "state", "list", "notFound"}.
Json getResponse(const std::string& accountId, const std::string& state, Json list,
                 const std::vector<std::string>& notFound);

}  // namespace posthorn::mshttpd::jmap
