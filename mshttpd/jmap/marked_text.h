// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace posthorn::mshttpd::jmap {

/// Finds what somebody searched for in a text and shows it as HTML: & < > as entities, matches in <mark>
/// (RFC 8621 5). Case and accents' spelling do not count, as in the search. Pure.
class TextMarker {
 public:
  explicit TextMarker(const std::vector<std::string>& terms);

  /// All of `utf8`; nothing when there is no match.
  [[nodiscard]] std::optional<std::string> whole(std::string_view utf8) const;
  /// At most `most` octets around the first match, blanks and line ends as one blank.
  [[nodiscard]] std::optional<std::string> around(std::string_view utf8, std::size_t most) const;

 private:
  /// Octets [begin, end) of a text, ascending, apart from each other.
  struct Match {
    std::size_t begin;
    std::size_t end;
  };
  [[nodiscard]] std::vector<Match> matches(std::string_view utf8) const;

  std::vector<std::string> terms_;  // folded
};

}  // namespace posthorn::mshttpd::jmap
