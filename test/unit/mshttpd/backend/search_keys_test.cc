// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/search_keys.h"

#include <catch2/catch.hpp>

#include "common/imap/print/command.h"

using namespace posthorn;
using namespace posthorn::mshttpd::backend;

namespace {

std::string printed(const imap::SearchKey& key) {
  std::string out;
  imap::putSearchKey(out, key);
  return out;
}

std::vector<imap::SearchKey> emails(int count) {
  std::vector<imap::SearchKey> keys;
  for (int i = 0; i < count; ++i) {
    imap::SearchKey key;
    key.kind = imap::SearchKey::Kind::EmailId;
    key.text = "M" + std::to_string(i);
    keys.push_back(std::move(key));
  }
  return keys;
}

unsigned depthOf(const imap::SearchKey& key) {
  unsigned deepest = 0;
  for (const auto& child : key.children) deepest = std::max(deepest, depthOf(child));
  return deepest + 1;
}

}  // namespace

TEST_CASE("UIDs in any order become ranges") {
  const std::vector<std::uint32_t> uids{9, 3, 1, 2, 9, 5};
  const imap::SequenceSet set = setOfUids(uids);
  REQUIRE(set.ranges.size() == 3);
  CHECK(set.ranges[0].first == 1);
  CHECK(set.ranges[0].last == 3);
  CHECK(set.ranges[2].last == 9);
}

TEST_CASE("many alternatives stay within the depth that servers take") {
  CHECK(printed(anyOf(emails(1))) == "EMAILID M0");
  CHECK(printed(anyOf(emails(3))) == "OR OR EMAILID M0 EMAILID M1 EMAILID M2");
  CHECK(depthOf(anyOf(emails(64))) == 7);
}

TEST_CASE("of nothing, any is nothing and all is everything") {
  CHECK(printed(anyOf({})) == "NOT ALL");
  CHECK(printed(allOf({})) == "ALL");
}
