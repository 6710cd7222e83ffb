// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/query_window.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mshttpd::backend;

namespace {

const std::vector<Id> kAll{"a", "b", "c", "d", "e"};

std::string window(const imap::jmap::QueryArgs& query) {
  const auto found = windowOf(kAll, query);
  if (!found) return std::string(toString(found.error().code));
  std::string out = std::to_string(found->position) + ":";
  for (const Id& id : found->ids) out += id;
  return out;
}

imap::jmap::QueryArgs at(std::int64_t position, std::optional<std::uint32_t> limit = {}) {
  imap::jmap::QueryArgs query;
  query.position = position;
  query.limit = limit;
  return query;
}

imap::jmap::QueryArgs around(const Id& anchor, std::int64_t offset, std::optional<std::uint32_t> limit = {}) {
  imap::jmap::QueryArgs query = at(3, limit);
  query.anchor = anchor;
  query.anchorOffset = offset;
  return query;
}

}  // namespace

TEST_CASE("a window begins where RFC 8620 5.5 says") {
  CHECK(window(at(0)) == "0:abcde");
  CHECK(window(at(1, 2)) == "1:bc");
  CHECK(window(at(0, 0)) == "0:");
  CHECK(window(at(-2)) == "3:de");
  CHECK(window(at(-9, 2)) == "0:ab");
  CHECK(window(at(5)) == "5:");
  CHECK(window(at(1'000'000'000'000)) == "1000000000000:");
  CHECK(window(at(INT64_MIN)) == "0:abcde");
  CHECK(window(around("c", 0, 2)) == "2:cd");
  CHECK(window(around("c", -1, 2)) == "1:bc");
  CHECK(window(around("c", -9)) == "0:abcde");
  CHECK(window(around("c", INT64_MIN)) == "0:abcde");
  CHECK(window(around("c", INT64_MAX)) == "7:");
  CHECK(window(around("x", 0)) == "not-found");
  imap::jmap::QueryArgs query = at(1, 1);
  CHECK_FALSE(windowOf(kAll, query)->total);
  query.total = true;
  CHECK(windowOf(kAll, query)->total == 5);
}
