// SPDX-License-Identifier: Apache-2.0
#include "test/unit/mshttpd/jmap/reader.h"

namespace posthorn::mshttpd::jmap {
namespace {

/// "header:x-l...g:asRaw" in `many` spellings, all of the same field.
std::string spellings(int many) {
  std::string list;
  for (int i = 0; i < many; ++i) {
    std::string name = "x-longfield";
    for (int bit = 0; bit < 8; ++bit)
      if ((i >> bit & 1) != 0) name[static_cast<std::size_t>(2 + bit)] ^= 0x20;
    list += (i == 0 ? "\"header:" : ",\"header:") + name + ":asRaw\"";
  }
  return "\"properties\":[" + list + "]";
}

}  // namespace

TEST_CASE("what the properties of one message weigh is bounded", "[jmap]") {
  Reader reader;
  std::string field = "X-Longfield: ";
  for (int i = 0; i < 8000; ++i) field += std::string(70, 'a') + "\n ";
  const auto id = reader.account->deliver("Subject: long\n" + field + "\n\ntext\n", reader.inbox, {});
  const Json few = reader(emailGet, "\"ids\":[\"" + id + "\"]," + spellings(20));
  REQUIRE(few.contains("list"));
  CHECK(few["list"][0].size() == 21);
  CHECK(few["list"][0]["header:x-longfield:asRaw"].get<std::string>().size() > 500'000);
  const Json many = reader(emailGet, "\"ids\":[\"" + id + "\"]," + spellings(200));
  CHECK(many.value("error", "") == "requestTooLarge");
}

}  // namespace posthorn::mshttpd::jmap
