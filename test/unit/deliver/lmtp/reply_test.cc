// SPDX-License-Identifier: Apache-2.0
#include "tools/deliver/lmtp/reply.h"

#include <catch2/catch.hpp>

#include "tools/deliver/lmtp/command_table.h"
#include "tools/deliver/lmtp/session_state.h"

using namespace posthorn;
using namespace posthorn::deliver;
using namespace posthorn::deliver::lmtp;

TEST_CASE("a reply is one line of at most 512 octets in ASCII") {
  CHECK(reply(250, "2.0.0", "Ok") == "250 2.0.0 Ok\r\n");
  CHECK(reply(220, "", "host") == "220 host\r\n");
  CHECK(reply(250, "", "a\r\nb\xc3\xbc") == "250 a??b??\r\n");
  CHECK(reply(250, "", std::string(1000, 'x')).size() == 512);
}

TEST_CASE("each cause has a reply of its own, and none shows what the operator alone may see") {
  for (unsigned i = 0; i <= static_cast<unsigned>(Cause::Unavailable); ++i) {
    const auto cause = static_cast<Cause>(i);
    CAPTURE(toString(cause));
    const std::string line = reply(Failure{cause, "/var/lib/secret"}, "a@b");
    CHECK(line.find("secret") == std::string::npos);
    CHECK(line.find("<a@b>") != std::string::npos);
    // The class of the status is that of the code, and both agree with what an MTA's pipe is told.
    CHECK(line[0] == line[4]);
    CHECK((line[0] == '4') == (exitStatus(cause) == 75));
  }
}

TEST_CASE("good replies are those of 2 and 3") {
  CHECK(isGood("250 x"));
  CHECK(isGood("354 x"));
  CHECK_FALSE(isGood("452 x"));
  CHECK_FALSE(isGood("550 x"));
}

TEST_CASE("commands are found in any case") {
  REQUIRE(findCommand("lhlo") != nullptr);
  CHECK(findCommand("StartTLS")->name == "STARTTLS");
  CHECK(findCommand("NOSUCH") == nullptr);
  CHECK(findCommand("") == nullptr);
  CHECK(findCommand("STARTTLSX") == nullptr);
}

TEST_CASE("states follow each other as RFC 5321 section 4.1.4 has it") {
  const std::string chart[] = {
      // to: STRANGE READY MAIL TRANSFER
      "xx..",  // from STRANGE
      "xxx.",  // from READY
      ".x.x",  // from MAIL
      ".x.x",  // from TRANSFER
  };
  for (std::size_t from = 0; from < 4; ++from)
    for (std::size_t to = 0; to < 4; ++to) CHECK(mayFollow(from, to) == (chart[from][to] == 'x'));
}
