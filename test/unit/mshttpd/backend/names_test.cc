// SPDX-License-Identifier: Apache-2.0
#include "mshttpd/backend/names.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::mshttpd::backend;
using Entry = imap::NamespaceData::Entry;

namespace {

Names of(const imap::NamespaceData& spaces, const std::string& owner = {}) {
  auto names = Names::of(spaces, owner);
  REQUIRE(names);
  return *names;
}

void bothWays(const Names& names, const std::string& ours, const std::string& theirs) {
  INFO(ours << " " << theirs);
  CHECK(names.toServer(ours) == theirs);
  CHECK(names.fromServer(theirs) == ours);
}

}  // namespace

TEST_CASE("our own servers call mailboxes as JMAP does") {
  const Names names = of({.personal = {{"", '/'}}, .others = {{"Shared Folders/User/", '/'}}, .shared = {}});
  bothWays(names, "INBOX", "INBOX");
  bothWays(names, "Work/2026", "Work/2026");
  CHECK(names.fromServer("Shared Folders/User/bert/Work") == std::nullopt);
  CHECK(names.fromServer("Shared Folders/User") == std::nullopt);
  CHECK(names.patterns() == std::vector<std::string>{"*"});
}

TEST_CASE("dots and prefixes are the server's own business") {
  const Names courier = of({.personal = {{"INBOX.", '.'}}, .others = {}, .shared = {{"shared.", '.'}}});
  bothWays(courier, "INBOX", "INBOX");
  bothWays(courier, "Work/2026", "INBOX.Work.2026");
  CHECK(courier.toServer("a.b") == std::nullopt);
  CHECK(courier.fromServer("shared.news") == std::nullopt);
  bothWays(courier, "Either\u2044Or", "INBOX.Either/Or");
  CHECK(of({}).toServer("Work") == "Work");
}

TEST_CASE("another's account has its root below the other users' namespace") {
  const imap::NamespaceData spaces{
      .personal = {{"", '/'}}, .others = {{"Shared Folders/User/", '/'}}, .shared = {}};
  const Names names = of(spaces, "bert");
  bothWays(names, "INBOX", "Shared Folders/User/bert/INBOX");
  bothWays(names, "Work/2026", "Shared Folders/User/bert/Work/2026");
  CHECK(names.fromServer("INBOX") == std::nullopt);
  CHECK(names.fromServer("Shared Folders/User/berta/Work") == std::nullopt);
  CHECK(names.fromServer("Shared Folders/User/bert") == "INBOX");
  CHECK_FALSE(Names::of({}, "bert"));
}
