// SPDX-License-Identifier: Apache-2.0
// sources: popd/parse/command_line.cc

// Command lines of POP3: whatever is accepted holds no control character, and every part lies inside the
// line.

#include <algorithm>

#include "popd/parse/command_line.h"
#include "test/fuzz/require.h"

using namespace posthorn;

namespace {

bool inside(View part, View line) {
  return part.empty() ||
         (part.data() >= line.data() && part.data() + part.size() <= line.data() + line.size());
}

void readArguments(View arguments, View line) {
  popd::Arguments words(arguments);
  while (!words.atEnd()) {
    popd::Arguments numbers(words.trimmed());
    static_cast<void>(numbers.messageNumber());
    static_cast<void>(numbers.count());
    static_cast<void>(numbers.optionalMessageNumber());
    const auto word = words.word();
    fuzz::require(word.ok() && !word->empty() && inside(*word, line),
                  "a word is there and inside of the line");
  }
  fuzz::require(words.end().ok(), "nothing is left at the end");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const View line = fuzz::text(data, size);
  const auto parts = popd::splitLine(line);
  if (!parts.ok()) return 0;
  fuzz::require(!parts->keyword.empty(), "a command has a keyword");
  fuzz::require(inside(parts->keyword, line) && inside(parts->arguments, line),
                "parts lie inside of the line");
  fuzz::require(
      std::none_of(line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }),
      "no line end inside of a line");
  readArguments(parts->arguments, line);
  return 0;
}
