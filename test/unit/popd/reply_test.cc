// SPDX-License-Identifier: Apache-2.0
#include "popd/reply.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::popd;

TEST_CASE("status lines hold one line of at most 512 octets") {
  CHECK(okReply("") == "+OK\r\n");
  CHECK(okReply("ready") == "+OK ready\r\n");
  CHECK(okReply("a\r\nb") == "+OK a??b\r\n");
  CHECK(okReply(std::string(1000, 'x')).size() == 512);
  CHECK(errReply("[AUTH]", "no") == "-ERR [AUTH] no\r\n");
}

TEST_CASE("every error has an answer without a path") {
  for (int i = 0; i <= static_cast<int>(Errc::Internal); ++i) {
    const std::string reply = errReply(makeError(static_cast<Errc>(i), "/var/lib/secret"));
    CHECK(reply.substr(0, 5) == "-ERR ");
    CHECK(reply.find("secret") == std::string::npos);
  }
  CHECK(errReply(makeError(Errc::Busy, "")).find("[IN-USE]") == 5);
  CHECK(errReply(makeError(Errc::Unavailable, "")).find("[SYS/TEMP]") == 5);
  CHECK(errReply(makeError(Errc::Io, "")).find("[SYS/PERM]") == 5);
  CHECK(errReply(Error{Errc::Invalid, "log", "client"}) == "-ERR client\r\n");
}

TEST_CASE("refused logins tell the class, not the reason") {
  using auth::Reason;
  CHECK(errReply(Reason::BadPassword) == errReply(Reason::NoSuchUser));
  CHECK(errReply(Reason::BadPassword).find("[AUTH]") == 5);
  CHECK(errReply(Reason::Temporary).find("[SYS/TEMP]") == 5);
}
