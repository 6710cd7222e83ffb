// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tools/mboxutil/import/courier.h"
#include "tools/mboxutil/import/dovecot.h"

using namespace posthorn;
using namespace posthorn::migrate;

namespace {

std::vector<std::pair<store::Uid, std::string>> pairs(const UidList& list) {
  std::vector<std::pair<store::Uid, std::string>> all;
  for (const auto& entry : list.entries) all.emplace_back(entry.uid, std::string(entry.base));
  return all;
}
using Pairs = std::vector<std::pair<store::Uid, std::string>>;

}  // namespace

TEST_CASE("dovecot-uidlist version 3: UIDs, UIDLs, GUIDs, names without their flags") {
  const auto list = parseUidList(
      "3 V1275660208 N25022 G3085f01b7f11094c501100008c4a11c1\n"
      "25006 :1276528487.M364837P9451.host,S=1355,W=1394:2,\n"
      "25017 W2481 P000001 Gabc :1276533073.M242911P3632.host:2,F\r\n"
      "25018 P :1276533074.M1P1.host\n");
  REQUIRE(list.ok());
  CHECK(list->uidValidity == 1'275'660'208);
  CHECK(list->uidNext == 25'022);
  CHECK(pairs(list.value()) == Pairs{{25006, "1276528487.M364837P9451.host,S=1355,W=1394"},
                                     {25017, "1276533073.M242911P3632.host"},
                                     {25018, "1276533074.M1P1.host"}});
  CHECK_FALSE(list->entries[0].uidl);
  CHECK(list->entries[1].uidl == View("000001"));
  CHECK(list->entries[1].guid == "abc");
  CHECK(list->entries[2].uidl == View(""));
  CHECK(list->broken == 0);
}

TEST_CASE("dovecot-uidlist version 1, UIDNEXT too low") {
  const auto list = parseUidList("1 1100 3\n2 b\n7 a:2,S\n");
  REQUIRE(list.ok());
  CHECK(list->uidNext == 8);
  CHECK(pairs(list.value()) == Pairs{{2, "b"}, {7, "a"}});
}

TEST_CASE("dovecot-uidlist: doubles, disorder and rubbish are settled") {
  const auto list = parseUidList("3 V1 N1\n9 :b\n3 :a\n3 :c\n4 :b\nx\n0 :z\n4294967295 :y\n5\n6 :\n7 :a/b\n");
  REQUIRE(list.ok());
  CHECK(pairs(list.value()) == Pairs{{3, "a"}, {9, "b"}});
  CHECK(list->broken == 8);
  CHECK(list->uidNext == 10);
}

TEST_CASE("dovecot-uidlist: first lines that are none") {
  for (const char* text : {"", "\n", "2 V1 N1\n", "3 N1\n", "3 V0 N1\n", "3 V1\n", "1 1\n", "1 x 3\n",
                           "3 V4294967296 N1\n", "3 V1 N-1\n", "\xFF\xFE\n"})
    CHECK_FALSE(parseUidList(text).ok());
}

TEST_CASE("dovecot-keywords") {
  const auto list = parseKeywordList("0 $Forwarded\n2 Work\nrubbish\n25 last\n26 beyond\n1\n");
  CHECK(list.names.size() == 26);
  CHECK(list.names[0] == "$Forwarded");
  CHECK(list.names[1].empty());
  CHECK(list.names[2] == "Work");
  CHECK(list.names[25] == "last");
  CHECK(list.beyond);
}

TEST_CASE("subscriptions of both versions") {
  const std::vector<std::string> both = {"INBOX", "Work/2026"};
  CHECK(parseSubscriptions("V\t2\n\nINBOX\nWork\t2026\n", '.') == both);
  CHECK(parseSubscriptions("INBOX\nWork.2026\n", '.') == both);
  CHECK(parseSubscriptions("INBOX\nWork/2026\n", '/') == both);
  CHECK(parseSubscriptions("V\t2\n\na/b\n", '.').empty());
}

TEST_CASE("courierimapuiddb") {
  const auto list = parseCourierUids("1 795256906 9\n3 1795256906.M1P1_0.host,S=22\n8 with blank\nx y\n");
  REQUIRE(list.ok());
  CHECK(list->uidValidity == 795'256'906);
  CHECK(pairs(list.value()) == Pairs{{3, "1795256906.M1P1_0.host,S=22"}, {8, "with blank"}});
  CHECK(list->broken == 1);
  for (const char* text : {"", "2 1 1\n", "1 0 1\n", "1 1\n", "1 1 99999999999\n", "rubbish"})
    CHECK_FALSE(parseCourierUids(text).ok());
}

TEST_CASE("courierpop3dsizelist: the UIDLs of every version") {
  const auto list = parseCourierUidls(
      "/3 4 1795256906\na,S=1:2,S 26 1:1795256906:0\nb 27 2:0:1\nc+'d 28 0:0:0\nrubbish\n 1 1:1:1\n");
  REQUIRE(list.size() == 3);
  CHECK(list[0].base == "a,S=1");
  CHECK(list[0].uidl == "UID1-1795256906");
  CHECK(list[1].uidl == "UID2");
  CHECK(list[2].uidl == "c+2B+27d");
  CHECK(parseCourierUidls("/2 4 7\na 26 1:7\n").at(0).uidl == "UID1-7");
  CHECK(parseCourierUidls("a 26\nb 27\n").at(1).uidl == "b");
  CHECK(parseCourierUidls("/9 4 7\na 26 1:7\n").empty());
}

TEST_CASE("courierimapkeywords/:list") {
  const auto list = parseCourierKeywords("$Bar\nFoo\n\na,S=22:0 1\nb:1 7 x\nc\n");
  CHECK(list.names == std::vector<std::string>{"$Bar", "Foo"});
  REQUIRE(list.files.size() == 2);
  CHECK(list.files[0].first == "a,S=22");
  CHECK(list.files[0].second == std::vector<std::size_t>{0, 1});
  CHECK(list.files[1].second == std::vector<std::size_t>{1});
}

TEST_CASE("courierimapsubscribed") {
  CHECK(parseCourierSubscribed("INBOX\nINBOX.Work.2026\n#shared.x\nINBOX.\n") ==
        std::vector<std::string>{"INBOX", "Work/2026"});
}
