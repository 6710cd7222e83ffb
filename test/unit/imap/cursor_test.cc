// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/cursor.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::imap;

namespace {
std::string login(View text) {
  Cursor in(text);
  const auto read = [&]() -> Result<std::string> {
    PH_TRY(const View tag, in.tag());
    PH_CHECK(in.space());
    PH_TRY(const View name, in.atom());
    PH_CHECK(in.space());
    PH_TRY(const std::string user, in.astring());
    PH_CHECK(in.space());
    PH_TRY(const std::string password, in.astring());
    PH_CHECK(in.end());
    return std::string(tag) + "|" + std::string(name) + "|" + user + "|" + password;
  };
  const auto result = read();
  return result.ok() ? *result : "invalid";
}
}  // namespace

TEST_CASE("strings come as atoms, quoted or as literals") {
  CHECK(login("a1 LOGIN anna secret") == "a1|LOGIN|anna|secret");
  CHECK(login("a1 LOGIN \"anna m\" \"se\\\"c\\\\ret\"") == "a1|LOGIN|anna m|se\"c\\ret");
  CHECK(login("a1 LOGIN {4}\r\nanna {6+}\r\nse\r\net") == "a1|LOGIN|anna|se\r\net");
  CHECK(login("a1 LOGIN \"\" \"\"") == "a1|LOGIN||");
  CHECK(login("a1 LOGIN {0}\r\n x]y") == "a1|LOGIN||x]y");
}

TEST_CASE("what is no command is invalid") {
  for (const View bad :
       {View(""), View(" LOGIN a b"), View("+ LOGIN a b"), View("a1"), View("a1 LOGIN"), View("a1 LOGIN a"),
        View("a1 LOGIN a b "), View("a1 LOGIN a b c"), View("a1 LOGIN \"a b"), View("a1 LOGIN \"a\\n\" b"),
        View("a1 LOGIN a(b c"), View("a1  LOGIN a b"), View("a1 LOGIN {9}\r\nanna b"),
        View("a1 LOGIN {4} anna b"), View("a1 LOGIN {4-}\r\nanna b"), View("a1 LOGIN a \xC3\xA4"),
        View("a1 LOGIN {1}\r\n\0 b", 17)}) {
    INFO(bad);
    CHECK(login(bad) == "invalid");
  }
}

TEST_CASE("a literal is announced at the end of a line only") {
  CHECK(literalAtEnd("a1 LOGIN {5}").value().octets == 5);
  CHECK(literalAtEnd("a1 LOGIN {5}").value().synchronising);
  CHECK_FALSE(literalAtEnd("a1 LOGIN {5+}").value().synchronising);
  for (const View none : {View(""), View("{}"), View("{+}"), View("{5} "), View("{-1}"), View("{5"),
                          View("5}"), View("{99999999999999999999}"), View("{9999999999999999999}")}) {
    INFO(none);
    CHECK_FALSE(literalAtEnd(none).has_value());
  }
}
