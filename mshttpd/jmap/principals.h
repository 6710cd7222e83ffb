// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"

namespace posthorn::mshttpd::jmap {

/// A person of the directory (RFC 9670 2), as another user may see him.
struct Principal {
  std::string id;  ///< canonical id
  std::string name;
  std::string email;
};

/// People with whom mail can be shared: those of the caller's domain. Job thread; blocks on the directory.
class Principals {
 public:
  virtual ~Principals() = default;
  /// Whose name, address or login begins with or holds `text`; at most `most`. Empty text: nobody unless the
  /// directory can list (Unsupported).
  virtual Result<std::vector<Principal>> find(const std::string& caller, const std::string& text,
                                              std::size_t most) = 0;
  virtual Result<std::optional<Principal>> get(const std::string& caller, const std::string& id) = 0;
};

}  // namespace posthorn::mshttpd::jmap
