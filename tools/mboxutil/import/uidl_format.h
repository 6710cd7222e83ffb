// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/store/types.h"

namespace posthorn::migrate {

/// Dovecot's pop3_uidl_format: text with %u (UID), %v (UIDVALIDITY), %f (base name of the file), %g (GUID),
/// each with a width, zeros before it ("%08u") and X for hexadecimal ("%08Xu"); %% is a percent sign.
class UidlFormat {
 public:
  /// Dovecot's default.
  static constexpr View kDefault = "%08Xu%08Xv";

  /// Unsupported for other variables, Invalid for a format without any.
  static Result<UidlFormat> parse(View text);

  struct Values {
    store::Uid uid = 0;
    std::uint32_t uidValidity = 0;
    View base;
    View guid;
  };
  [[nodiscard]] std::string expand(const Values& values) const;

 private:
  struct Piece {
    std::string text;   ///< before the variable
    char variable = 0;  ///< 0: none, the end
    std::size_t width = 0;
    bool zeros = false;
    bool hex = false;
  };
  static Result<std::size_t> parseVariable(View text, std::size_t at, Piece& piece);

  std::vector<Piece> pieces_;
};

}  // namespace posthorn::migrate
