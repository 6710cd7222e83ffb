// SPDX-License-Identifier: Apache-2.0
#include "imapd/command_table.h"

#include <catch2/catch.hpp>

using namespace posthorn;
using namespace posthorn::imapd;

TEST_CASE("the table of commands is sorted and each row is found") {
  const auto table = commandTable();
  REQUIRE_FALSE(table.empty());
  for (std::size_t i = 0; i < table.size(); ++i) {
    INFO(imap::toString(table[i].name));
    if (i > 0) CHECK(table[i - 1].name < table[i].name);
    CHECK(findCommand(table[i].name) == &table[i]);
    CHECK(imap::commandName(imap::toString(table[i].name)) == table[i].name);
    CHECK(table[i].run != nullptr);
    CHECK(table[i].states != 0);
    CHECK((table[i].states & ~kAnyState) == 0);
  }
}

TEST_CASE("what the grammar knows beyond the table is not offered") {
  std::size_t found = 0;
  for (unsigned name = 0; name <= static_cast<unsigned>(imap::CommandName::XUpdate); ++name)
    if (findCommand(static_cast<imap::CommandName>(name)) != nullptr) ++found;
  CHECK(found == commandTable().size());
}

TEST_CASE("no command that names messages by number tells of expunges") {
  // RFC 3501 7.4.1: FETCH, STORE and SEARCH.
  for (const auto name : {imap::CommandName::Fetch, imap::CommandName::Store, imap::CommandName::Search}) {
    REQUIRE(findCommand(name) != nullptr);
    CHECK(findCommand(name)->sync == SyncPolicy::KeepNumbers);
  }
  // Nobody without a mailbox of his own reaches mail.
  for (const auto& row : commandTable())
    if (row.sync != SyncPolicy::None && row.name != imap::CommandName::Noop)
      CHECK((row.states & kNotAuthenticated) == 0);
}
