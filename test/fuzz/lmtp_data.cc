// SPDX-License-Identifier: Apache-2.0
// clang-format off
// sources: tools/deliver/lmtp/parse/dot_reader.cc tools/deliver/lmtp/trace_scan.cc tools/deliver/header_filter.cc
// clang-format on

// The text behind DATA: every way of cutting it gives the same octets and the same end, stuffing a text and
// reading it gives the text back, and nothing but CRLF . CRLF ends it.

#include <string>

#include "test/fuzz/require.h"
#include "tools/deliver/header_filter.h"
#include "tools/deliver/lmtp/parse/dot_reader.h"
#include "tools/deliver/lmtp/trace_scan.h"

using namespace posthorn;
using namespace posthorn::deliver;

namespace {

struct Read {
  std::string text;
  std::size_t octets = 0;
  bool ended = false;
  bool operator==(const Read&) const = default;
};

Read readBy(View wire, std::size_t piece) {
  Read read;
  lmtp::DotReader reader;
  while (read.octets < wire.size() && !read.ended) {
    const auto taken = reader.feed(wire.substr(read.octets, piece), read.text);
    fuzz::require(taken.octets > 0 || taken.ended, "input is used");
    read.octets += taken.octets;
    read.ended = taken.ended;
  }
  return read;
}

std::string stuffed(View text) {
  std::string wire = text.starts_with('.') ? "." : "";
  for (std::size_t i = 0; i < text.size(); ++i) {
    wire.push_back(text[i]);
    if (text.substr(0, i + 1).ends_with("\r\n") && text.substr(i + 1).starts_with('.')) wire.push_back('.');
  }
  return wire + (text.empty() || text.ends_with("\r\n") ? ".\r\n" : "\r\n.\r\n");
}

std::string filtered(View text, std::size_t piece) {
  std::string out;
  HeaderFilter filter(true, [&out](View part) -> Status {
    out.append(part);
    return {};
  });
  for (std::size_t at = 0; at < text.size(); at += piece)
    fuzz::require(filter.feed(text.substr(at, piece)).ok(), "the filter takes everything");
  fuzz::require(filter.end().ok(), "the filter ends");
  return out;
}

unsigned hopsBy(View text, std::size_t piece) {
  lmtp::TraceScan scan;
  for (std::size_t at = 0; at < text.size(); at += piece) scan.feed(text.substr(at, piece));
  return scan.hops();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t piece = 1 + data[0] % 16;
  const View input = fuzz::text(data + 1, size - 1);
  const Read whole = readBy(input, input.size() + 1);
  fuzz::require(whole == readBy(input, piece), "any split gives the same text and end");
  const View used = input.substr(0, whole.octets);
  if (whole.ended)
    fuzz::require(used == ".\r\n" || used.ends_with("\r\n.\r\n"), "only CRLF . CRLF is an end");
  const std::string line = "\r\n.\r\n";
  const std::size_t end = input.starts_with(".\r\n") ? 3 : input.find(line) + line.size();
  const bool there = input.starts_with(".\r\n") || input.find(line) != View::npos;
  fuzz::require(whole.ended == there && (!there || whole.octets == end), "the first end is found");

  const Read back = readBy(stuffed(input), piece);
  const std::string ending = input.empty() || input.ends_with("\r\n") ? "" : "\r\n";
  fuzz::require(back.ended && back.text == std::string(input) + ending, "a stuffed text comes back");

  fuzz::require(filtered(input, piece) == filtered(input, input.size() + 1), "any split is filtered alike");
  fuzz::require(hopsBy(input, piece) == hopsBy(input, input.size() + 1), "any split has the same hops");
  return 0;
}
