// SPDX-License-Identifier: Apache-2.0
// clang-format off
// sources: tools/deliver/lmtp/parse/command_line.cc tools/deliver/lmtp/parse/path.cc tools/deliver/lmtp/parse/parameters.cc tools/deliver/lmtp/parse/chunk.cc
// clang-format on

// Command lines of LMTP: whatever is accepted holds no control character, every part lies inside of the line,
// and an address that was taken is taken again as it was written.

#include <algorithm>

#include "common/base/ascii.h"
#include "test/fuzz/require.h"
#include "tools/deliver/lmtp/parse/chunk.h"
#include "tools/deliver/lmtp/parse/command_line.h"
#include "tools/deliver/lmtp/parse/parameters.h"
#include "tools/deliver/lmtp/parse/path.h"

using namespace posthorn;
using namespace posthorn::deliver;

namespace {

bool inside(View part, View line) {
  return part.empty() ||
         (part.data() >= line.data() && part.data() + part.size() <= line.data() + line.size());
}

void readPath(View word, View arguments, View line) {
  View rest = arguments;
  const auto path = lmtp::takePath(word, rest);
  if (!path.ok()) return;
  fuzz::require(inside(rest, line), "what is left lies inside of the line");
  fuzz::require(path->text.size() <= lmtp::kMaxPath && path->lookup.size() <= path->text.size(),
                "an address is bounded");
  fuzz::require(path->text.empty() == path->lookup.empty() || path->text == "\"\"",
                "no address without text");
  const std::string again = std::string(word) + "<" + path->text + ">";
  View second = again;
  const auto same = lmtp::takePath(word, second);
  fuzz::require(same.ok() && same->text == path->text && same->lookup == path->lookup && second.empty(),
                "what was taken is a path");
  const auto parameters = lmtp::splitParameters(rest);
  if (!parameters.ok()) return;
  for (const auto& parameter : *parameters)
    fuzz::require(inside(parameter.keyword, line) && !parameter.keyword.empty(), "a keyword of the line");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const View line = fuzz::text(data, size);
  const auto parts = lmtp::splitLine(line);
  if (!parts.ok()) return 0;
  fuzz::require(!parts->verb.empty(), "a command has a verb");
  fuzz::require(inside(parts->verb, line) && inside(parts->arguments, line), "parts lie inside of the line");
  fuzz::require(std::none_of(line.begin(), line.end(), ascii::isControl), "no line end inside of a line");
  readPath("FROM:", parts->arguments, line);
  readPath("TO:", parts->arguments, line);
  static_cast<void>(lmtp::parseChunk(parts->arguments));
  return 0;
}
