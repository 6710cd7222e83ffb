// SPDX-License-Identifier: Apache-2.0
#include "common/proc/banner.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::proc;

namespace {
const Wall kNow{std::chrono::seconds{1'700'000'000}};
std::string made(std::string_view pattern, std::size_t limit = 400) {
  return banner(pattern,
                {.host = "mail.example.org", .protocol = "POP3", .product = "Posthorn", .version = "1.2"},
                kNow, limit);
}
}  // namespace

TEST_CASE("a banner names host, protocol, product, version and time") {
  CHECK(made("%h %p service (%P %V)") == "mail.example.org POP3 service (Posthorn 1.2)");
  CHECK(made("%Y 100%%") == "2023 100%");
  CHECK(made("%") == "%");
  CHECK(made("%!") == "%!");
}

TEST_CASE("a banner can neither end its line nor offer APOP") {
  CHECK(made("a\r\nb%n") == "a??b?");
  CHECK(made("<1@h>") == "(1@h)");
  CHECK(made(std::string(1000, 'x'), 100).size() == 100);
}
