// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/parse/chunk.h"

#include <algorithm>

#include "common/base/ascii.h"
#include "tools/deliver/lmtp/parse/command_line.h"

namespace posthorn::deliver::lmtp {

Result<Chunk> parseChunk(View arguments) {
  const auto words = ascii::words(arguments, " ");
  if (words.empty() || words.size() > 2) return misfit("Size expected, and LAST or nothing");
  const View digits = words.front();
  // 18 digits are more than any disk and fit into 64 bit.
  if (digits.size() > 18 || !std::all_of(digits.begin(), digits.end(), ascii::isDigit))
    return misfit("Bad size");
  const bool last = words.size() == 2;
  if (last && !ascii::equal(words.back(), "LAST")) return misfit("LAST or nothing expected");
  return Chunk{ascii::number(digits).value_or(0), last};
}

}  // namespace posthorn::deliver::lmtp
