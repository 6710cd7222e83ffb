// SPDX-License-Identifier: Apache-2.0
#include "imapd/answer.h"

#include "test/unit/imapd/support.h"

using namespace posthorn;
using namespace posthorn::imapd;

TEST_CASE("each error has its NO with the code of RFC 5530") {
  using Kind = imap::ResponseCode::Kind;
  const std::pair<Errc, Kind> rows[] = {
      {Errc::Invalid, Kind::Cannot},
      {Errc::NotFound, Kind::NonExistent},
      {Errc::Exists, Kind::AlreadyExists},
      {Errc::Denied, Kind::NoPerm},
      {Errc::AuthFailed, Kind::AuthenticationFailed},
      {Errc::Unavailable, Kind::Unavailable},
      {Errc::Busy, Kind::InUse},
      {Errc::Limit, Kind::Limit},
      {Errc::OverQuota, Kind::OverQuota},
      {Errc::NoSpace, Kind::Unavailable},
      {Errc::TooBig, Kind::TooBig},
      {Errc::Conflict, Kind::Unavailable},
      {Errc::Corrupt, Kind::Corruption},
      {Errc::Io, Kind::Unavailable},
      {Errc::Timeout, Kind::Unavailable},
      {Errc::Cancelled, Kind::Unavailable},
      {Errc::Unsupported, Kind::Cannot},
      {Errc::Internal, Kind::ServerBug},
  };
  // The last of the list: a new one needs a row here.
  REQUIRE(std::size(rows) == static_cast<std::size_t>(Errc::Internal) + 1);
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    const auto [code, kind] = rows[i];
    INFO(toString(code));
    REQUIRE(static_cast<std::size_t>(code) == i);
    const Answer answer = refusal(makeError(code, "/var/secret/path of the operator"));
    CHECK(answer.status == "NO");
    CHECK(answer.text.find("secret") == std::string::npos);
    const auto got = test::responses("t NO " + answer.text + "\r\n");
    REQUIRE(got.size() == 1);
    const auto& status = std::get<imap::StatusResponse>(got[0]);
    CHECK(status.condition == imap::Condition::No);
    CHECK(status.code.kind == kind);
    CHECK_FALSE(status.text.empty());
    // Words for the client replace the general ones, not the code.
    const auto own = test::responses("t NO " + refusal({code, "x", "Own words"}).text + "\r\n");
    CHECK(std::get<imap::StatusResponse>(own.at(0)).code.kind == kind);
    CHECK(std::get<imap::StatusResponse>(own.at(0)).text == "Own words");
  }
}

TEST_CASE("BAD has the words that it was given") {
  const Answer answer = badAnswer("No message has this number");
  CHECK(answer.status == "BAD");
  CHECK(answer.text == "No message has this number");
  CHECK(answer.untagged.empty());
}
