// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/bytes.h"
#include "common/mime/limits.h"

namespace posthorn::mime {

/// A field's value on one line: line ends are taken out (RFC 5322 2.2.3), a bare CR becomes a blank; blanks
/// at both ends fall away.
Bytes unfold(View value);

/// One field of a header block.
struct Field {
  View name;   ///< without blanks before the colon
  View value;  ///< behind the colon, folded as stored, without the last line end
};

/// Takes a field, folded, without its last line end, apart; nothing when it is none: no colon, no name, or a
/// name with blanks or controls inside.
std::optional<Field> splitField(View field);

/// The fields of a header block in memory, in their order; lines that are no field are left out. Stops at the
/// empty line. The views are of `header`.
std::vector<Field> headerFields(View header);
/// The first field of this name, in any case.
std::optional<View> findField(View header, View name);

/// Which fields BODY[HEADER.FIELDS (...)] or BODY[HEADER.FIELDS.NOT (...)] keeps.
enum class FieldChoice : std::uint8_t { Only, Not };

/// Picks fields out of a header that passes by in pieces of any size: each whole, as stored, in their order,
/// duplicates included, and the empty line at the end if the header has one (RFC 3501 6.4.5).
/// Memory: the names, and no more than a name of the header. One thread.
class HeaderFilter {
 public:
  HeaderFilter(std::vector<Bytes> names, FieldChoice choice);
  /// Appends to `out` what is kept of `octets`.
  void feed(View octets, Bytes& out);
  /// The header has ended.
  void finish(Bytes& out);

 private:
  enum class State : std::uint8_t { LineStart, Name, Keep, Skip };
  void decide(bool isListed, Bytes& out);
  void atLineStart(View& octets, Bytes& out);
  void inName(View& octets, Bytes& out);
  [[nodiscard]] bool listed(View name) const;

  std::vector<Bytes> names_;  // lower case, sorted
  FieldChoice choice_;
  std::size_t longest_ = 0;
  Bytes pending_;  // the beginning of a line whose fate is open
  State state_ = State::LineStart;
  bool keep_;  // what the last field's continuation lines follow
};

/// The same for a header in memory.
Bytes filterHeader(View header, std::vector<Bytes> names, FieldChoice choice);

}  // namespace posthorn::mime
