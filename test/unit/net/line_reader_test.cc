// SPDX-License-Identifier: Apache-2.0
#include "common/net/line_reader.h"

#include <cstring>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::net;

namespace {

void put(InputBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> room = buffer.room(bytes.size());
    REQUIRE_FALSE(room.empty());
    std::memcpy(room.data(), bytes.data(), room.size());
    buffer.grown(room.size());
    bytes.remove_prefix(room.size());
  }
}

std::vector<std::string> linesOf(std::string_view input, std::size_t step, LineEnd end,
                                 std::size_t limit = 20) {
  InputBuffer buffer(64);
  LineReader reader(buffer, limit, end);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < input.size(); at += step) {
    put(buffer, input.substr(at, step));
    for (;;) {
      auto line = reader.next();
      if (!line.ok()) {
        lines.emplace_back("<long>");
        if (!reader.skipLongLine()) break;
        continue;
      }
      if (!line.value()) break;
      lines.emplace_back(**line);
      reader.consume();
    }
  }
  return lines;
}

}  // namespace

TEST_CASE("lines come out the same however the input is split") {
  const std::string input = "one\r\n\r\ntwo\nthree \r four\r\n";
  for (std::size_t step = 1; step <= input.size(); ++step) {
    CHECK(linesOf(input, step, LineEnd::CrLfOrLf) ==
          std::vector<std::string>{"one", "", "two", "three \r four"});
    CHECK(linesOf(input, step, LineEnd::CrLf) == std::vector<std::string>{"one", "", "two\nthree \r four"});
  }
}

TEST_CASE("a line may have exactly the limit, with either end") {
  const std::string whole(20, 'a');
  for (std::size_t step : {1U, 3U, 64U}) {
    CHECK(linesOf(whole + "\r\n", step, LineEnd::CrLf) == std::vector<std::string>{whole});
    CHECK(linesOf(whole + "\n", step, LineEnd::CrLfOrLf) == std::vector<std::string>{whole});
  }
}

TEST_CASE("a line over the limit is an error, and the next one is found again") {
  const std::string over = std::string(21, 'a') + "\r\nnext\r\n";
  const auto lines = linesOf(over, over.size(), LineEnd::CrLf);
  CHECK(lines == std::vector<std::string>{"<long>", "next"});

  InputBuffer buffer(64);
  LineReader reader(buffer, 20, LineEnd::CrLf);
  put(buffer, std::string(22, 'b'));
  REQUIRE_FALSE(reader.next().ok());
  CHECK(reader.next().error().code == Errc::Limit);
  CHECK_FALSE(reader.skipLongLine());
  put(buffer, "bb\r");
  CHECK_FALSE(reader.skipLongLine());
  put(buffer, "\nok\r\n");
  CHECK(reader.skipLongLine());
  auto line = reader.next();
  REQUIRE(line.ok());
  CHECK(line.value() == "ok");
}

TEST_CASE("a full buffer without an end of line is a line over the limit, though the limit is higher") {
  InputBuffer buffer(64);
  LineReader reader(buffer, 1000);
  put(buffer, std::string(63, 'a'));
  CHECK(reader.next().ok());
  put(buffer, "a");
  CHECK(reader.next().error().code == Errc::Limit);
}

TEST_CASE("an input buffer holds no memory when it is empty and never more than its limit") {
  InputBuffer buffer(1000);
  put(buffer, std::string(1000, 'x'));
  CHECK(buffer.full());
  CHECK(buffer.room(1).empty());
  int rooms = 0;
  buffer.setOnRoom([&rooms] { ++rooms; });
  buffer.consume(1);
  buffer.consume(1);
  CHECK(rooms == 1);
  CHECK(buffer.view() == std::string(998, 'x'));
  buffer.consume(5000);
  buffer.release();
  CHECK(buffer.empty());
  CHECK(buffer.capacity() == 0);
}
