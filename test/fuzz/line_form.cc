// SPDX-License-Identifier: Apache-2.0

// Line ends of stored messages: any split gives the same octets and facts, and what is stored would be stored
// again.

#include "common/store/line_form.h"

#include <algorithm>

#include "test/fuzz/require.h"

using namespace posthorn;

namespace {

Bytes formed(View text, std::size_t window, store::LineForm& form) {
  Bytes out;
  for (std::size_t at = 0; at < text.size(); at += window) form.feed(text.substr(at, window), out);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t window = 1 + data[0] % 16;
  const View text = fuzz::text(data + 1, size - 1);
  store::LineForm whole;
  store::LineForm cut;
  store::LineForm again;
  const Bytes once = formed(text, text.size() + 1, whole);
  fuzz::require(once == formed(text, window, cut), "any split gives the same octets");
  fuzz::require(whole.lines() == cut.lines() && whole.headerLength() == cut.headerLength() &&
                    whole.dotLines() == cut.dotLines() && whole.octets() == once.size(),
                "and the same facts");
  fuzz::require(once == formed(once, once.size() + 1, again), "what has CRLF lines stays as it is");
  return 0;
}
