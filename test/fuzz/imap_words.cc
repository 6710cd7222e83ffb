// SPDX-License-Identifier: Apache-2.0

// Words of IMAP commands: tags, atoms, strings and literals never reach beyond the text.

#include "common/imap/parse/cursor.h"
#include "test/fuzz/require.h"

using namespace posthorn;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const View text = fuzz::text(data, size);
  static_cast<void>(imap::literalAtEnd(text));
  imap::Cursor cursor(text);
  if (!cursor.tag().ok() || !cursor.space().ok() || !cursor.atom().ok()) return 0;
  while (cursor.space().ok()) {
    const std::size_t left = cursor.rest().size();
    const auto word = cursor.astring();
    if (!word.ok()) return 0;
    fuzz::require(word->size() <= left && cursor.rest().size() < left, "a word takes some of the text");
    fuzz::require(word->find('\0') == std::string::npos, "no NUL in a string");
  }
  return 0;
}
