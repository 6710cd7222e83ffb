// SPDX-License-Identifier: Apache-2.0
#include "tools/mboxutil/import/uidl_format.h"

#include <cstdio>

#include "common/base/ascii.h"

namespace posthorn::migrate {

static constexpr std::size_t kMaxWidth = 70;

// Takes what follows a percent sign; says where the text goes on.
Result<std::size_t> UidlFormat::parseVariable(View text, std::size_t at, Piece& piece) {
  if (at < text.size() && text[at] == '0') piece.zeros = true;
  for (; at < text.size() && ascii::isDigit(text[at]); ++at)
    piece.width = piece.width * 10 + static_cast<std::size_t>(text[at] - '0');
  if (at < text.size() && text[at] == 'X') {
    piece.hex = true;
    ++at;
  }
  const char variable = at < text.size() ? text[at] : '\0';
  if (piece.width > kMaxWidth || View("uvfg").find(variable) == View::npos || variable == '\0')
    return makeError(Errc::Unsupported, "only %u, %v, %f and %g can be in a format of UIDLs");
  piece.variable = variable;
  return at + 1;
}

Result<UidlFormat> UidlFormat::parse(View text) {
  UidlFormat format;
  Piece piece;
  bool any = false;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '%' || text.substr(at, 2) == "%%") {
      piece.text.push_back(text[at]);
      at += text[at] == '%' ? 2 : 1;
      continue;
    }
    PH_TRY(at, parseVariable(text, at + 1, piece));
    any = true;
    format.pieces_.push_back(std::move(piece));
    piece = Piece();
  }
  if (!any) return makeError(Errc::Invalid, "a format of UIDLs must have a variable in it");
  format.pieces_.push_back(std::move(piece));
  return format;
}

std::string UidlFormat::expand(const Values& values) const {
  std::string uidl;
  for (const Piece& piece : pieces_) {
    uidl += piece.text;
    std::string value;
    if (piece.variable == 'u' || piece.variable == 'v') {
      const std::uint32_t number = piece.variable == 'u' ? values.uid : values.uidValidity;
      char digits[16];
      std::snprintf(digits, sizeof digits, piece.hex ? "%x" : "%u", number);
      value = digits;
    } else if (piece.variable != 0) {
      const bool named = piece.variable == 'f' || values.guid.empty();
      value = std::string(named ? values.base : values.guid);
    }
    if (value.size() < piece.width) value.insert(0, piece.width - value.size(), piece.zeros ? '0' : ' ');
    uidl += value;
  }
  return uidl;
}

}  // namespace posthorn::migrate
