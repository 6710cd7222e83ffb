// SPDX-License-Identifier: Apache-2.0
#include "popd/capabilities.h"

#include <catch2/catch.hpp>

#include "popd/command_table.h"

using namespace posthorn;
using namespace posthorn::popd;

TEST_CASE("what is told depends on connection and state") {
  CapabilityFacts facts;
  const std::string bare = capabilityResponse(facts);
  CHECK(bare ==
        "+OK Capabilities follow\r\nTOP\r\nUIDL\r\nPIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nEXPIRE "
        "NEVER\r\n"
        "UTF8 USER\r\nLANG\r\n.\r\n");
  facts.user = facts.stls = facts.loggedIn = true;
  facts.mechanisms = {"PLAIN", "LOGIN"};
  facts.loginDelay = std::chrono::seconds{60};
  facts.expire = "30";
  const std::string all = capabilityResponse(facts);
  for (const char* line : {"\r\nUSER\r\n", "\r\nSASL PLAIN LOGIN\r\n", "\r\nSTLS\r\n",
                           "\r\nLOGIN-DELAY 60\r\n", "\r\nEXPIRE 30\r\n", "\r\nIMPLEMENTATION Posthorn-"})
    CHECK(all.find(line) != std::string::npos);
}

TEST_CASE("commands are found in any case and only whole") {
  for (const CommandSpec& row : commandTable()) CHECK(findCommand(row.name) == &row);
  CHECK(findCommand("retr")->name == "RETR");
  for (const char* none : {"", "RET", "RETRX", "APOP", "XTND", "averyveryverylongword"})
    CHECK(findCommand(none) == nullptr);
}
