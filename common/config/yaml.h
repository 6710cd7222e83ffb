// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/config/finding.h"

// A YAML text as a tree that knows where each piece is. Bounded: 1 MiB, 16 levels, 20,000 pieces; no
// anchors, aliases or tags, one document. The rest of the room sees this, never yaml-cpp.

namespace posthorn::config::yaml {

inline constexpr std::size_t kMaxBytes = 1U << 20U;
inline constexpr std::size_t kMaxDepth = 16;
inline constexpr std::size_t kMaxPieces = 20'000;

enum class Kind : std::uint8_t { Null, Scalar, Sequence, Map };

struct Entry;

/// A scalar, a list or a map, with all that is below it.
struct Piece {
  Kind kind = Kind::Null;
  bool flow = false;           ///< a sequence or map in brackets
  int line = 0;                ///< from 1
  int column = 0;              ///< from 0
  std::size_t at = 0;          ///< offset of the first byte: of a quote, a bracket, the first dash or key
  std::string text;            ///< of a scalar, unquoted
  std::vector<Piece> items;    ///< of a sequence
  std::vector<Entry> entries;  ///< of a map, in the order of the file, duplicates included
};

struct Entry {
  Piece key;
  Piece value;
};

struct Tree {
  Piece root;
  Findings findings;  ///< at most one: reading stops at the first
};

/// Never throws.
Tree parse(std::string_view text);

/// The end of the scalar or flow collection that begins at `at`, one behind its last byte. npos when it is a
/// block scalar or has no end.
std::size_t endOf(std::string_view text, const Piece& node, bool insideFlow);

/// `text` as a scalar that reads back as the same text: plain when that is safe, else quoted. `insideFlow`
/// keeps commas and brackets quoted.
std::string quote(std::string_view text, bool insideFlow);

}  // namespace posthorn::config::yaml
