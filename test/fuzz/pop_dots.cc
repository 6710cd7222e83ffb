// SPDX-License-Identifier: Apache-2.0
// sources: popd/parse/line_scanner.cc

// Dot-stuffing: every way of cutting a message gives the same octets, a client gets the message back, and
// nothing in it ends the response early.

#include <string>

#include "popd/parse/line_scanner.h"
#include "test/fuzz/require.h"

using namespace posthorn;

namespace {

std::string stuffed(View message, std::optional<std::uint32_t> bodyLines, std::size_t window) {
  popd::LineScanner scanner(bodyLines);
  std::string out;
  for (std::size_t at = 0; at < message.size() && !scanner.finished(); at += window) {
    const View part = message.substr(at, window);
    const auto found = scanner.scan(part);
    fuzz::require(found.take <= part.size(), "no more is taken than there is");
    std::size_t from = 0;
    for (const std::uint32_t dot : found.dots) {
      fuzz::require(dot >= from && dot < found.take && part[dot] == '.', "dots are named in order");
      out.append(part.substr(from, dot - from)).push_back('.');
      from = dot;
    }
    out.append(part.substr(from, found.take - from));
  }
  out.append(scanner.terminator());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t window = 1 + data[0] % 16;
  const auto lines = data[1] >= 128 ? std::nullopt : std::optional<std::uint32_t>(data[1]);
  const View message = fuzz::text(data + 2, size - 2);
  const std::string whole = stuffed(message, lines, message.size() + 1);
  fuzz::require(whole == stuffed(message, lines, window), "any split gives the same octets");
  fuzz::require(whole.ends_with("\r\n.\r\n") || whole == ".\r\n", "the response is ended");
  fuzz::require(whole.find("\n.\r\n") + 4 >= whole.size() && whole.find("\n.\n") == std::string::npos,
                "and not before its end");
  return 0;
}
