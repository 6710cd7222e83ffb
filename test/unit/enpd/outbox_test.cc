// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/outbox.h"

#include <catch2/catch.hpp>

#include "tools/enpd/reply.h"

using namespace posthorn;
using namespace posthorn::enpd;

namespace {

Line line(const std::string& text) {
  return std::make_shared<const std::string>(text);
}

std::vector<std::string> all(Outbox& box) {
  std::vector<std::string> lines;
  while (const Line next = box.take()) lines.push_back(*next);
  return lines;
}

}  // namespace

TEST_CASE("what fits comes out in order") {
  Outbox box;
  for (const char* text : {"a", "b", "c"}) CHECK(box.put(line(text), {10, 1000}));
  CHECK(box.size() == 3);
  CHECK(box.bytes() == 3);
  CHECK(all(box) == std::vector<std::string>{"a", "b", "c"});
  CHECK(box.empty());
  CHECK(box.bytes() == 0);
}

TEST_CASE("what does not fit is counted, and the count stands in its place") {
  Outbox box;
  for (int i = 0; i < 4; ++i) CHECK(box.put(line("x"), {4, 1000}));
  for (int i = 0; i < 3; ++i) CHECK_FALSE(box.put(line("lost"), {4, 1000}));
  CHECK(*box.take() == "x");
  // Not with each line that is taken: half must be free.
  CHECK_FALSE(box.put(line("lost"), {4, 1000}));
  CHECK(*box.take() == "x");
  CHECK(box.put(line("y"), {4, 1000}));
  CHECK(all(box) == std::vector<std::string>{"x", "x", lost(4, LostWhere::Queue), "y"});
  CHECK(box.empty());
}

TEST_CASE("a count is told also when nothing follows") {
  Outbox box;
  CHECK(box.put(line("x"), {1, 1000}));
  CHECK_FALSE(box.put(line("lost"), {1, 1000}));
  CHECK_FALSE(box.empty());
  CHECK(all(box) == std::vector<std::string>{"x", lost(1, LostWhere::Queue)});
  CHECK(box.take() == nullptr);
}

TEST_CASE("octets are bounded, too") {
  Outbox box;
  CHECK_FALSE(box.put(line(std::string(1001, 'x')), {100, 1000}));
  CHECK(all(box) == std::vector<std::string>{lost(1, LostWhere::Queue)});
  CHECK(box.put(line(std::string(600, 'x')), {100, 1000}));
  CHECK_FALSE(box.put(line(std::string(600, 'y')), {100, 1000}));
  CHECK(box.bytes() == 600);
}

TEST_CASE("what publishers lost is told at once") {
  Outbox box;
  CHECK(box.put(line("x"), {10, 1000}));
  box.missed(5);
  box.missed(2);
  CHECK(all(box) == std::vector<std::string>{lost(7, LostWhere::Publisher), "x"});
}

TEST_CASE("the service's own lines") {
  CHECK(lost(3, LostWhere::Queue) == "{\"ens\":\"lost\",\"count\":3,\"where\":\"queue\"}\r\n");
  CHECK(bye("so", true) == "{\"ens\":\"bye\",\"text\":\"so\",\"again\":true}\r\n");
  CHECK(failed(makeError(Errc::Denied, "a \"b\"")) ==
        "{\"ens\":\"error\",\"code\":\"denied\",\"text\":\"a \\\"b\\\"\"}\r\n");
  CHECK(pong("x") == "{\"ens\":\"pong\",\"text\":\"x\"}\r\n");
}
