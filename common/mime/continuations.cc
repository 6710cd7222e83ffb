// SPDX-License-Identifier: Apache-2.0
#include "common/mime/continuations.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

#include "common/base/ascii.h"
#include "common/mime/charset.h"

namespace posthorn::mime {

namespace {

struct Piece {
  std::uint64_t number = 0;
  bool extended = false;
  std::size_t at = 0;  // index of the parameter
};

struct PieceName {
  View base;
  Piece piece;
};

/// "name*3*" taken apart; nothing for a name without a number.
std::optional<PieceName> splitName(View name) {
  PieceName split;
  if (!name.empty() && name.back() == '*') {
    split.piece.extended = true;
    name.remove_suffix(1);
  }
  const std::size_t star = name.rfind('*');
  if (star == View::npos || star == 0) return std::nullopt;
  const View digits = name.substr(star + 1);
  const auto number = ascii::number(digits);
  if (!number) return std::nullopt;
  split.base = name.substr(0, star);
  split.piece.number = *number;
  return split;
}

bool attributeChar(char c) {
  return c > ' ' && c < 0x7F && View("*'%()<>@,;:\\\"/[]?=").find(c) == View::npos;
}

void appendEscaped(View text, Bytes& out) {
  constexpr View kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (attributeChar(c)) {
      out.push_back(c);
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[octet >> 4]);
    out.push_back(kDigits[octet & 15]);
  }
}

/// Whether the sorted pieces follow each other from 0 on, without gaps and repetitions.
bool complete(const std::vector<Piece>& pieces) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].number != i) return false;
  }
  return true;
}

Parameter joined(const Parameters& parameters, View base, const std::vector<Piece>& pieces) {
  const bool extended =
      std::any_of(pieces.begin(), pieces.end(), [](const Piece& piece) { return piece.extended; });
  Parameter whole{Bytes(base) + (extended ? "*" : ""), {}};
  // Without a charset in its first piece an extended value has none: say so in its own syntax.
  if (extended && !pieces.front().extended) whole.value = "''";
  for (const Piece& piece : pieces) {
    const Bytes& value = parameters[piece.at].value;
    if (extended && !piece.extended) {
      appendEscaped(value, whole.value);
    } else {
      whole.value.append(value);
    }
  }
  return whole;
}

std::optional<unsigned char> hexPair(View text) {
  if (text.size() < 2) return std::nullopt;
  unsigned value = 0;
  for (const char c : text.substr(0, 2)) {
    const char lower = ascii::lower(c);
    if (!ascii::isDigit(c) && (lower < 'a' || lower > 'f')) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(ascii::isDigit(c) ? c - '0' : lower - 'a' + 10);
  }
  return static_cast<unsigned char>(value);
}

}  // namespace

void joinContinuations(Parameters& parameters) {
  std::map<Bytes, std::vector<Piece>> found;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    auto split = splitName(parameters[i].name);
    if (!split) continue;
    split->piece.at = i;
    found[ascii::toLower(split->base)].push_back(split->piece);
  }
  if (found.empty()) return;
  std::vector<bool> gone(parameters.size(), false);
  Parameters whole;
  for (auto& [base, pieces] : found) {
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Piece& a, const Piece& b) { return a.number < b.number; });
    if (!complete(pieces)) continue;
    whole.push_back(joined(parameters, splitName(parameters[pieces.front().at].name)->base, pieces));
    for (const Piece& piece : pieces) gone[piece.at] = true;
  }
  Parameters kept;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!gone[i]) kept.push_back(std::move(parameters[i]));
  }
  kept.insert(kept.end(), std::make_move_iterator(whole.begin()), std::make_move_iterator(whole.end()));
  parameters = std::move(kept);
}

Bytes decodeExtended(View value) {
  View charset;
  const std::size_t first = value.find('\'');
  const std::size_t second = first == View::npos ? View::npos : value.find('\'', first + 1);
  if (second != View::npos) {
    charset = value.substr(0, first);
    value.remove_prefix(second + 1);
  }
  Bytes octets;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto octet = value[i] == '%' ? hexPair(value.substr(i + 1)) : std::nullopt;
    octets.push_back(octet ? static_cast<char>(*octet) : value[i]);
    if (octet) i += 2;
  }
  return toUtf8(octets, charset);
}

}  // namespace posthorn::mime
