// SPDX-License-Identifier: Apache-2.0
#include "common/auth/file/user_table.h"

#include <catch2/catch.hpp>

namespace posthorn::auth {
namespace {

TEST_CASE("users, domains and addresses are found") {
  const UserTable table(
      "# comment\n\nanna::mail=anna@example.com,Chef@Example.com\nbert@hosted.example:\n"
      "@hosted.example::mailDomainStatus=inactive\n");
  CHECK(table.users() == 2);
  CHECK(table.damages().empty());
  CHECK(table.user("anna").ok());
  CHECK(table.user("bert").error().code == Errc::NotFound);
  CHECK(table.user("bert@hosted.example").ok());
  CHECK(table.userByAddress("chef@example.com")->account.id == "anna");
  CHECK(table.userByAddress("x@example.com").error().code == Errc::NotFound);
  CHECK(table.domain("hosted.example")->mailStatus == AccountStatus::Inactive);
  CHECK(table.domain("other.example")->mailStatus == AccountStatus::Active);
  CHECK(table.names() == std::vector<std::string_view>{"anna", "bert@hosted.example"});
}

TEST_CASE("a damaged line refuses its user alone") {
  const UserTable table("anna::mailUserStatus=hol\nbert:\n");
  REQUIRE(table.damages().size() == 1);
  CHECK(table.damages()[0].line == 1);
  CHECK(table.user("anna").error().code == Errc::Corrupt);
  CHECK(table.user("bert").ok());
}

TEST_CASE("a name on two lines is refused on both") {
  const UserTable table("anna:\nbert:\nanna::mailUserStatus=hold\n");
  REQUIRE(table.damages().size() == 1);
  CHECK(table.damages()[0].line == 3);
  CHECK(table.damages()[0].text.find("line 1") != std::string::npos);
  CHECK(table.user("anna").error().code == Errc::Conflict);
  CHECK(table.user("bert").ok());
}

TEST_CASE("an address of two users is refused, its users are not") {
  const UserTable table("anna::mail=x@example.com\nbert::mail=x@example.com,b@example.com\n");
  CHECK(table.damages().size() == 1);
  CHECK(table.userByAddress("x@example.com").error().code == Errc::Conflict);
  CHECK(table.userByAddress("b@example.com")->account.id == "bert");
  CHECK(table.user("anna").ok());
}

TEST_CASE("a last line without its newline may lack what restricts it") {
  const UserTable table("bert:\nanna:");
  CHECK(table.damages().size() == 1);
  CHECK(table.user("anna").error().code == Errc::Corrupt);
  CHECK(table.user("bert").ok());
  const UserTable domain("bert@h:\n@h:");
  CHECK(domain.domain("h").error().code == Errc::Corrupt);
}

TEST_CASE("a domain's damage shuts its users out") {
  const UserTable table("@hosted.example::mailDomainStatus=of\n@twice:\n@twice:\n");
  CHECK(table.damages().size() == 2);
  CHECK(table.domain("hosted.example").error().code == Errc::Corrupt);
  CHECK(table.domain("twice").error().code == Errc::Conflict);
}

TEST_CASE("an empty text and odd lines") {
  CHECK(UserTable("").users() == 0);
  const UserTable odd(":\n::::\n\xFF\xFE:\nx\n");
  CHECK(odd.damages().size() == 4);
}

}  // namespace
}  // namespace posthorn::auth
