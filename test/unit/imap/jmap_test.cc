// SPDX-License-Identifier: Apache-2.0
#include "common/imap/types/jmap.h"

#include "common/imap/print/command.h"
#include "common/imap/types/jmap_names.h"
#include "test/unit/imap/parsed.h"

using namespace posthorn;
using namespace posthorn::imap;
using namespace posthorn::imap::test;

namespace {

std::string times(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string commandOf(Args args, CommandName name) {
  std::string out;
  putCommand(out, Command{"a1", name, false, std::move(args)}, {.literalPlus = true});
  return out.substr(0, out.size() - 2);
}

}  // namespace

TEST_CASE("ids are those of RFC 8620") {
  CHECK(jmap::isId("M0123456789abcdef-_Z"));
  CHECK_FALSE(jmap::isId(""));
  CHECK_FALSE(jmap::isId("M 1"));
  CHECK_FALSE(jmap::isId("M\xC3\xA4"));
  CHECK(jmap::isId(std::string(255, 'x')));
  CHECK_FALSE(jmap::isId(std::string(256, 'x')));
  CHECK(refused("a XTHREADS (\"T 1\")") == "Not an id");
  CHECK(refused("a XTHREADS (\"\")") == "Not an id");
}

TEST_CASE("XCHANGES") {
  const auto changes = args<jmap::ChangesArgs>("XCHANGES OWNER bob thread 12 max 3");
  CHECK(changes.owner == "bob");
  CHECK(changes.type == jmap::DataType::Thread);
  CHECK(changes.since == 12);
  CHECK(changes.most == 3);
  CHECK(changes.after.empty());
  CHECK(args<jmap::ChangesArgs>("XCHANGES EMAIL 1 AFTER M2 MAX 5").after == "M2");
  CHECK(refused("a XCHANGES") == "Missing argument");
  CHECK(refused("a XCHANGES FOO 1") == "Unknown type");
  CHECK(refused("a XCHANGES EMAIL -1") != "");
  CHECK(refused("a XCHANGES EMAIL 1 MAX 0") != "accepted: a XCHANGES EMAIL 1 MAX 0\r\n");
  CHECK(refused("a XCHANGES OWNER \"\" EMAIL 1") == "Empty owner");
}

TEST_CASE("XQUERY") {
  const auto query = args<jmap::QueryArgs>(
      "XQUERY FILTER (AND (INMAILBOX F1) (NOT (HEADER X \"\"))) SORT (REVERSE SIZE) COLLAPSE ANCHOR M1 "
      "OFFSET -1");
  REQUIRE(query.filter);
  CHECK(query.filter->kind == jmap::Filter::Kind::And);
  REQUIRE(query.filter->parts.size() == 2);
  CHECK(query.filter->parts[0].ids == std::vector<jmap::Id>{"F1"});
  CHECK(query.filter->parts[1].parts.at(0).name == "X");
  CHECK_FALSE(query.sort.at(0).ascending);
  CHECK(query.collapseThreads);
  CHECK(query.anchor == "M1");
  CHECK(query.anchorOffset == -1);
  CHECK(refused("a XQUERY FILTER (AND)") == "Missing argument");
  CHECK(refused("a XQUERY FILTER (INMAILBOX)") == "Missing argument");
  CHECK(refused("a XQUERY FILTER (TEXT \"\xFF\")") == "Not UTF-8");
  CHECK(refused("a XQUERY FILTER (HASKEYWORD \\Recent)") == "Unknown system flag");
  CHECK(refused("a XQUERY FILTER (WHAT 1)") == "Unknown condition");
  CHECK(refused("a XQUERY SORT (WHAT)") == "Unknown sort criterion");
  CHECK(refused("a XQUERY SORT ()").starts_with("accepted") == false);
  CHECK(refused("a XQUERY POSITION 1 ANCHOR M1") == "Too many arguments");
}

TEST_CASE("conditions have limits") {
  const auto nested = [](std::size_t depth) {
    return "XQUERY FILTER " + times("(NOT ", depth) + "(SIZE 1)" + times(")", depth);
  };
  const auto flat = [](std::size_t count) {
    return "XQUERY FILTER (AND" + times(" (MINSIZE 1)", count) + ")";
  };
  CHECK(refused("a " + nested(kMaxSearchDepth)) == "Unknown condition");
  CHECK(refused("a " + nested(kMaxSearchDepth + 1)) == "Conditions nested too deeply");
  CHECK(args<jmap::QueryArgs>(flat(kMaxJmapFilters - 1)).filter->parts.size() == kMaxJmapFilters - 1);
  CHECK(refused("a " + flat(kMaxJmapFilters)) == "Too many conditions");
  CHECK(refused("a XQUERY SORT (" + times("SIZE ", kMaxSortKeys) + "SIZE)") == "Too many sort criteria");
}

TEST_CASE("XMESSAGES gives nothing that belongs to a mailbox") {
  CHECK(args<jmap::MessagesArgs>("XMESSAGES (M1) (BODY[] RFC822.SIZE)").attributes.size() == 2);
  for (const char* item : {"UID", "FLAGS", "MODSEQ", "SAVEDATE"})
    CHECK(refused("a XMESSAGES (M1) (ENVELOPE " + std::string(item) + ")") == "Data item of a mailbox");
}

TEST_CASE("XUPDATE") {
  const auto update =
      args<jmap::UpdateArgs>("XUPDATE IFSTATE 9 ((M1 +FLAGS (\\Seen $a) -MAILBOXES (F1)) (M2 DESTROY))");
  CHECK(update.ifState == 9U);
  REQUIRE(update.updates.size() == 2);
  CHECK(update.updates[0].addFlags == std::vector<std::string>{"\\Seen", "$a"});
  CHECK(update.updates[0].dropMailboxes == std::vector<jmap::Id>{"F1"});
  CHECK(update.updates[1].destroy);
  CHECK(refused("a XUPDATE ((M1 FLAGS (\\Deleted)))") == "Unknown system flag");
  CHECK(refused("a XUPDATE ((M1 FLAGS () +FLAGS (x)))") == "Missing )");
  CHECK(refused("a XUPDATE ((M1 DESTROY FLAGS ()))") == "Missing )");
  CHECK(refused("a XUPDATE ((M1 +FLAGS (" + times("k ", kMaxKeywords) + "k)))") == "Too many keywords");
  CHECK(refused("a XUPDATE (" + times("(M1) ", kMaxJmapUpdates) + "(M1))") == "Too many updates");
}

TEST_CASE("long lists are printed in lines that servers take") {
  jmap::ThreadsArgs many;
  many.ids.assign(kMaxJmapIds, "T0123456789abcdef");
  const std::string text = commandOf(many, CommandName::XThreads);
  CHECK(parsed(text, {.maxLine = 8192}).args == Args(many));
  many.ids.push_back("T1");
  CHECK(refused(commandOf(many, CommandName::XThreads)) == "Too many ids");

  jmap::UpdateArgs updates;
  for (std::size_t i = 0; i < kMaxJmapUpdates; ++i) {
    jmap::Update one;
    one.id = "M" + std::string(32, 'a');
    one.addFlags = {"\\Seen", "$Forwarded"};
    one.dropMailboxes = {"F" + std::string(32, 'b')};
    one.addMailboxes = {"F" + std::string(32, 'c')};
    updates.updates.push_back(std::move(one));
  }
  CHECK(parsed(commandOf(updates, CommandName::XUpdate), {.maxLine = 8192}).args == Args(updates));
}

TEST_CASE("a text begins a line as an id does") {
  jmap::QueryArgs query;
  query.filter.emplace();
  query.filter->kind = jmap::Filter::Kind::Or;
  for (int i = 0; i < 40; ++i) {
    jmap::Filter other;
    other.kind = jmap::Filter::Kind::InMailboxOtherThan;
    other.ids.assign(20, "F" + std::string(32, 'a'));
    query.filter->parts.push_back(other);
    jmap::Filter text;
    text.kind = jmap::Filter::Kind::Subject;
    text.text = "gr\xC3\xBC\xC3\x9F";
    query.filter->parts.push_back(text);
  }
  CHECK(parsed(commandOf(query, CommandName::XQuery), {.maxLine = 8192}).args == Args(query));
}
