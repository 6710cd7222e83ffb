// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace posthorn::mshttpd::http {

using Parameters = std::map<std::string, std::string>;

/// "/jmap/download/a/b%2Fc?accept=x" in its parts, decoded (RFC 3986): UTF-8 without NUL, no "." or ".."
/// segment, at most kMostSegments.
struct Target {
  std::vector<std::string> segments;  ///< "jmap", "download", "a", "b/c"; "/a/" has an empty one at its end
  std::string path;                   ///< joined again
  Parameters query;                   ///< the first of each name
};
inline constexpr std::size_t kMostSegments = 32;
inline constexpr std::size_t kMostParameters = 64;

/// Errc::Invalid: cannot be decoded, or goes upwards. Pure.
Result<Target> parseTarget(View text);

/// application/x-www-form-urlencoded: a query, or the body of a form. Pure.
Result<Parameters> parseForm(View text);

/// Whether the segments fit "/jmap/upload/{accountId}"; fills in what the braces stand for. Pure.
bool fits(View pattern, const std::vector<std::string>& segments, Parameters& values);

/// `text` so that it can stand in a path or query: everything but unreserved characters as %XX. Pure.
std::string percentEncoded(View text);

}  // namespace posthorn::mshttpd::http
