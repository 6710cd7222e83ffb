// SPDX-License-Identifier: Apache-2.0
// sources: mshttpd/http/request_reader.cc mshttpd/http/target.cc

// Requests of HTTP: a head and its body are read alike in any pieces, no octet behind them is taken, and what
// is accepted can be read in one way only.

#include <algorithm>

#include "mshttpd/http/request_reader.h"
#include "mshttpd/http/target.h"
#include "test/fuzz/require.h"

using namespace posthorn;
using namespace posthorn::mshttpd;

namespace {

constexpr http::HeadLimits kLimits{.line = 400, .whole = 2000, .fields = 30};
constexpr std::uint64_t kMostBody = 4096;

struct Read {
  bool ok = false;
  bool done = false;
  std::size_t used = 0;
  Bytes payload;
};

// As a connection does: offers what has come, `step` octets more each time.
Read readBody(http::RequestReader& reader, View body, std::size_t step) {
  Read out;
  std::size_t offered = 0;
  while (!reader.done() && offered < body.size()) {
    offered = std::min(body.size(), offered + step);
    const auto used = reader.body(body.substr(out.used, offered - out.used), kMostBody, out.payload);
    if (!used.ok()) return out;
    out.used += *used;
    fuzz::require(out.used <= offered, "no more is taken than was offered");
  }
  out.ok = true;
  out.done = reader.done();
  return out;
}

void checkHead(const http::Head& head) {
  fuzz::require(!(head.chunked && head.length), "one length only");
  fuzz::require(!head.chunked || head.http11, "no coding before HTTP/1.1");
  fuzz::require(!head.http11 || head.headers.contains("host"), "HTTP/1.1 names its host");
  for (const auto& [name, value] : head.headers)
    fuzz::require(value.find('\r') == Bytes::npos && value.find('\n') == Bytes::npos, "a value is one line");
  const auto target = http::parseTarget(head.target);
  if (!target.ok()) return;
  for (const std::string& segment : target->segments)
    fuzz::require(segment != ".." && segment.find('\0') == std::string::npos, "no segment goes upwards");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const View text = fuzz::text(data, size);
  std::size_t scanned = 0;
  const auto end = http::findHeadEnd(text, kLimits, scanned);
  if (!end.ok() || !*end) return 0;
  http::RequestReader one;
  http::RequestReader two;
  const auto head = one.head(text.substr(0, **end), kLimits);
  if (!head.ok()) return 0;
  fuzz::require(two.head(text.substr(0, **end), kLimits).ok(), "the same head is accepted again");
  checkHead(*head);
  const View body = text.substr(**end);
  const Read whole = readBody(one, body, body.size() + 1);
  const Read pieces = readBody(two, body, 1);
  fuzz::require(whole.done == pieces.done, "pieces end as the whole does");
  if (whole.done) {
    fuzz::require(whole.payload == pieces.payload && whole.used == pieces.used,
                  "pieces say what the whole says");
    fuzz::require(whole.payload.size() <= kMostBody, "a body keeps its limit");
    if (!head->hasBody()) fuzz::require(whole.used == 0, "what follows is another request");
  }
  return 0;
}
