// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <catch2/catch.hpp>

#include "tools/mboxutil/import/file_name.h"
#include "tools/mboxutil/import/folder_name.h"
#include "tools/mboxutil/import/foreign.h"
#include "tools/mboxutil/import/uidl_format.h"

using namespace posthorn;
using namespace posthorn::migrate;

TEST_CASE("file names of a Maildir") {
  const auto name = parseFileName("1500.M1P2.host,S=21,W=24:2,RSTDFPab,x");
  CHECK(name.base == "1500.M1P2.host,S=21,W=24");
  CHECK(name.flags == store::kAllFlags);
  CHECK(name.letters == 3);
  CHECK(name.size == 21U);
  CHECK(name.octets == 24U);
  CHECK(parseFileName("a:1,S").flags == 0);
  CHECK(parseFileName("a:2").flags == 0);
  CHECK(parseFileName("").base.empty());
  CHECK_FALSE(parseFileName("a,S=x").size);
}

TEST_CASE("files come in the order of their seconds and microseconds") {
  std::vector<std::string> names = {"1000000000.M2P1.h", "999999999.M9P1.h", "1000000000.M10P1.h", "x",
                                    "1000000000.M2P0.h"};
  std::sort(names.begin(), names.end(), cameBefore);
  CHECK(names == std::vector<std::string>{"x", "999999999.M9P1.h", "1000000000.M2P0.h", "1000000000.M2P1.h",
                                          "1000000000.M10P1.h"});
}

TEST_CASE("folder names in modified UTF-7, UTF-8, or neither") {
  CHECK(decodeLevel("Entw&APw-rfe", NameForm::Auto) == "Entw\xC3\xBCrfe");
  CHECK(decodeLevel("Entw&APw-rfe", NameForm::Utf8) == "Entw&APw-rfe");
  CHECK(decodeLevel("Entw\xC3\xBCrfe", NameForm::Auto) == "Entw\xC3\xBCrfe");
  CHECK(decodeLevel("R&D", NameForm::Auto) == "R&D");
  CHECK(decodeLevel("R&-D", NameForm::Auto) == "R&D");
  CHECK(decodeLevel("a\xFF\xC3", NameForm::Auto) == "a=FF=C3");
  CHECK(decodeLevel("", NameForm::Auto).empty());
}

TEST_CASE("every folder gets a name of its own that a mailbox can have") {
  FolderNames names;
  std::string note;
  CHECK(names.give({"Work", "2026"}, note) == "Work/2026");
  CHECK(note.empty());
  CHECK(names.give({"INBOX"}, note) == "INBOX_");
  CHECK(names.give({"inbox", "Sub"}, note) == "Sub");
  CHECK_FALSE(note.empty());
  CHECK(names.give({"Sub"}, note) == "Sub (2)");
  CHECK(names.give({"", "50%", "a*", "x\x01y"}, note) == "_/50_/a_/x_y");
  CHECK(names.give({std::string(500, 'x')}, note).size() <= 400);
  CHECK(names.give({std::string(500, 'x')}, note) != names.give({std::string(501, 'x')}, note));
}

TEST_CASE("Dovecot's format of UIDLs") {
  const UidlFormat::Values values{12, 0xABCDEF, "1500.host", "g1"};
  const auto expand = [&](View text) { return UidlFormat::parse(text).value().expand(values); };
  CHECK(expand(UidlFormat::kDefault) == "0000000c00abcdef");
  CHECK(expand("%v.%u") == "11259375.12");
  CHECK(expand("UID%u-%v%%") == "UID12-11259375%");
  CHECK(expand("%f") == "1500.host");
  CHECK(expand("%g") == "g1");
  CHECK(expand("%5u|%Xu") == "   12|c");
  for (const char* bad : {"", "none", "%m", "%", "%999u", "%99999999999999999999u", "x%"})
    CHECK_FALSE(UidlFormat::parse(bad).ok());
}

TEST_CASE("what a server has compressed or encrypted is no message") {
  CHECK(checkIsMail("Subject: x\n").ok());
  CHECK(checkIsMail("").ok());
  CHECK_FALSE(checkIsMail("\x1F\x8B\x08rest").ok());
  CHECK_FALSE(checkIsMail("CRYPTED\x03\x07").ok());
}

TEST_CASE("special uses by name") {
  CHECK(usualUse("sent messages") == store::kUseSent);
  CHECK(usualUse("Work") == 0);
}
