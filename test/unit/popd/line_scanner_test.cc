// SPDX-License-Identifier: Apache-2.0
#include "popd/parse/line_scanner.h"

#include <algorithm>
#include <string>

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::popd;

namespace {

/// The response that `message` gives when it is scanned in windows of `step` octets.
std::string sent(const std::string& message, std::size_t step, std::optional<std::uint32_t> lines = {}) {
  LineScanner scanner(lines);
  std::string out;
  for (std::size_t at = 0; at < message.size() && !scanner.finished(); at += step) {
    const View window = View(message).substr(at, step);
    const auto found = scanner.scan(window);
    std::size_t from = 0;
    for (const std::uint32_t dot : found.dots) {
      out.append(window.substr(from, dot - from)).push_back('.');
      from = dot;
    }
    out.append(window.substr(from, found.take - from));
  }
  out.append(scanner.terminator());
  return out;
}

/// The same for every window size, so that no cut can make a difference.
std::string sentAnyway(const std::string& message, std::optional<std::uint32_t> lines = {}) {
  const std::string whole = sent(message, std::max<std::size_t>(message.size(), 1), lines);
  for (std::size_t step = 1; step <= message.size(); ++step) {
    INFO("step " << step);
    CHECK(sent(message, step, lines) == whole);
  }
  return whole;
}

}  // namespace

TEST_CASE("dots at line starts are doubled, others are not") {
  CHECK(sentAnyway("a: b\r\n\r\n.\r\n..\r\n.x\r\nx.y\r\n") == "a: b\r\n\r\n..\r\n...\r\n..x\r\nx.y\r\n.\r\n");
  CHECK(sentAnyway(".first\r\n") == "..first\r\n.\r\n");
}

TEST_CASE("a message without a last line end gets one") {
  CHECK(sentAnyway("a: b\r\n\r\nend") == "a: b\r\n\r\nend\r\n.\r\n");
  CHECK(sentAnyway("a: b\r\n\r\nend\r") == "a: b\r\n\r\nend\r\r\n.\r\n");
  CHECK(sentAnyway("x\n") == "x\n\r\n.\r\n");
  CHECK(sentAnyway(".") == "..\r\n.\r\n");
  CHECK(sentAnyway("") == ".\r\n");
}

TEST_CASE("a lone LF begins a line, so that no message can end its own response") {
  CHECK(sentAnyway("a\n.\r\n+OK\r\n") == "a\n..\r\n+OK\r\n.\r\n");
}

TEST_CASE("octets of every value pass") {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  CHECK(sentAnyway(all + "\r\n") == all + "\r\n.\r\n");
}

TEST_CASE("TOP sends the header, the blank line and as many lines as asked") {
  const std::string message = "a: b\r\nc: d\r\n\r\none\r\n.two\r\nthree\r\n";
  CHECK(sentAnyway(message, 0) == "a: b\r\nc: d\r\n\r\n.\r\n");
  CHECK(sentAnyway(message, 1) == "a: b\r\nc: d\r\n\r\none\r\n.\r\n");
  CHECK(sentAnyway(message, 2) == "a: b\r\nc: d\r\n\r\none\r\n..two\r\n.\r\n");
  CHECK(sentAnyway(message, 3) == "a: b\r\nc: d\r\n\r\none\r\n..two\r\nthree\r\n.\r\n");
  CHECK(sentAnyway(message, 4000000000U) == "a: b\r\nc: d\r\n\r\none\r\n..two\r\nthree\r\n.\r\n");
}

TEST_CASE("TOP of messages without a body, a header or a last line end") {
  CHECK(sentAnyway("a: b\r\n", 0) == "a: b\r\n.\r\n");
  CHECK(sentAnyway("\r\nbody\r\nmore\r\n", 1) == "\r\nbody\r\n.\r\n");
  CHECK(sentAnyway("a: b\r\n\r\nend", 5) == "a: b\r\n\r\nend\r\n.\r\n");
  CHECK(sentAnyway("a: b\n\none\ntwo\n", 1) == "a: b\n\none\n\r\n.\r\n");
}
