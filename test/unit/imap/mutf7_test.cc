// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/mutf7.h"

#include <random>

#include <catch2/catch.hpp>

#include "common/base/utf8.h"
#include "common/imap/print/mutf7.h"

using namespace posthorn;
using namespace posthorn::imap;

namespace {

std::string encoded(View utf8) {
  std::string out;
  putMutf7(out, utf8);
  return out;
}

}  // namespace

TEST_CASE("names of the RFC and others, both ways") {
  const std::vector<std::pair<std::string, std::string>> pairs{
      {"", ""},
      {"INBOX", "INBOX"},
      {"&-", "&"},
      {"a&-b&-&-", "a&b&&"},
      {"~peter/mail/&U,BTFw-/&ZeVnLIqe-",
       "~peter/mail/\xE5\x8F\xB0\xE5\x8C\x97/\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E"},
      {"&AOQ-", "\xC3\xA4"},
      {"&AOQA9g-x&APw-", "\xC3\xA4\xC3\xB6x\xC3\xBC"},
      {"&AOQ-&-", "\xC3\xA4&"},
      {"&-&AOQ-", "&\xC3\xA4"},
      {"&2D3egA-", "\xF0\x9F\x9A\x80"},
      {"&2D3egNg93oE-", "\xF0\x9F\x9A\x80\xF0\x9F\x9A\x81"},
      {"&,,8-", "\xEF\xBF\xBF"},
      {"a-b -", "a-b -"},
  };
  for (const auto& [wire, utf8] : pairs) {
    INFO(wire);
    CHECK(decodeMutf7(wire) == utf8);
    CHECK(encoded(utf8) == wire);
  }
}

TEST_CASE("what is not modified UTF-7") {
  for (const std::string& bad : std::vector<std::string>{"&",          "a&",         "&AOQ",
                                                         "a & b",      "&AOQ-&APY-", "&AGE-",
                                                         "&ACY-",      "&AAA-",      "&AAE-",
                                                         "&AH8-",      "&A-",        "&AO-",
                                                         "&AOR-",      "&AOQA-",     "&AOQAA-",
                                                         "&2D0-",      "&3oA-",      "&3oDYPQ-",
                                                         "&2D0AOQ-",   "&AO/-",      "&A O-",
                                                         "&AOQ=-",     "&=-",        "\xC3\xA4",
                                                         "a\tb",       "a\x7F",      std::string("a\0b", 3),
                                                         "&IKw-&IKw-", "&IKx-"}) {
    INFO(bad);
    CHECK_FALSE(decodeMutf7(bad).has_value());
  }
}

TEST_CASE("every name survives the way there and back") {
  std::minstd_rand engine(7);
  const auto random = [&] { return static_cast<std::uint32_t>(engine()); };
  for (int round = 0; round < 2000; ++round) {
    std::string name;
    for (std::size_t i = random() % 12; i > 0; --i) {
      std::uint32_t point = 0;
      switch (random() % 4) {
        case 0:
          point = 0x20 + random() % 0x5F;
          break;
        case 1:
          point = 0x80 + random() % 0x780;
          break;
        case 2:
          point = 0x3000 + random() % 0x5000;
          break;
        default:
          point = 0x10000 + random() % 0x100000;
      }
      utf8::append(name, point);
    }
    INFO(encoded(name));
    CHECK(decodeMutf7(encoded(name)) == name);
  }
}
