// SPDX-License-Identifier: Apache-2.0

// Two properties of the command grammar: what is printed parses to the same value, and the pieces in which
// bytes come do not matter.

#include <random>

#include "common/imap/print/command.h"
#include "test/fuzz/imap_driver.h"
#include "test/unit/imap/parsed.h"

using namespace posthorn;
using namespace posthorn::imap;
using namespace posthorn::imap::test;
using namespace std::string_literals;

namespace {

const std::string kWholeStatus =
    "STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE HIGHESTMODSEQ MAILBOXID "
    "APPENDLIMIT)";
const std::string kWholeFetch =
    "FETCH 1 (BINARY.PEEK[1.2]<0.5> BINARY[] BINARY.SIZE[3] PREVIEW (LAZY) PREVIEW EMAILID THREADID "
    "SAVEDATE)";
const std::string kLongSearch =
    "SEARCH EMAILID M1 THREADID T1 SAVEDATESUPPORTED BCC a CC b TO c SUBJECT d BODY e TEXT f ANSWERED "
    "FLAGGED";

const std::vector<std::string> kGood{
    "NOOP",
    "LOGIN anna secret",
    "LOGIN \"an\\\"na\" {6+}\r\nse\r\net",
    "LOGIN NIL \"\"",
    "LOGIN \"\xC3\xA4\" x]",
    "AUTHENTICATE PLAIN",
    "AUTHENTICATE PLAIN =",
    "AUTHENTICATE PLAIN AGEAYg==",
    "ID NIL",
    "ID (\"name\" \"x\" \"os\" NIL)",
    "ENABLE QRESYNC UTF8=ACCEPT",
    "COMPRESS DEFLATE",
    "SELECT \"a b\"",
    "EXAMINE &AOQ- (CONDSTORE)",
    "SELECT x (QRESYNC (67890007 20050715194045000 41,43:211,214:541 (1:2 41,43)))",
    "SELECT x (CONDSTORE QRESYNC (1 2 (1 2)))",
    "CREATE \"&-x/\" (USE (\\Sent \\Trash))",
    "DELETE NIL",
    "RENAME INBOX \"Old &AOQA9gD8- mail\"",
    "SUBSCRIBE \"\\\"\\\\\"",
    "LIST \"\" *",
    "LIST \"\" \"\"",
    "LIST () \"\" %",
    "LIST (SUBSCRIBED RECURSIVEMATCH REMOTE) \"x/\" (a \"b c\" %) RETURN (CHILDREN STATUS (MESSAGES SIZE))",
    "LIST (SPECIAL-USE) \"\" * RETURN (SUBSCRIBED SPECIAL-USE)",
    "LIST \"\" (*)",
    "LSUB \"\" *",
    kWholeStatus,
    "NAMESPACE",
    "IDLE",
    "UNSELECT",
    "UNAUTHENTICATE",
    "PROXYAUTH \"an na\"",
    "PROXYAUTH {4+}\r\nanna",
    "GETJMAPACCESS",
    "GETMETADATA \"\" /shared/comment",
    "GETMETADATA (MAXSIZE 1024 DEPTH infinity) INBOX (/private /shared/vendor {13+}\r\n/private/a\\\"b)",
    "GETMETADATA &AOQ- (DEPTH 1) \"/private/a b\"",
    "SETMETADATA INBOX (/private/comment {9+}\r\ntwo\r\nline /shared/comment NIL /shared/x \"\")",
    "SETMETADATA \"\" (/private/vendor/x/y ~{3+}\r\na" + std::string(1, '\0') + "b)",
    "XSETMETADATA \"\" (/private/vendor/x/y NIL \"new\" /private/z ~{1+}\r\n" + std::string(1, '\0') +
        " NIL)",
    "CHECK",
    "SETACL \"a b\" {3+}\r\nbob +lrs",
    "SETACL INBOX -bob@example.org -cd09",
    "SETACL INBOX anyone \"\"",
    "DELETEACL INBOX \"group=x y\"",
    "GETACL &AOQ-",
    "LISTRIGHTS INBOX bob",
    "MYRIGHTS \"Shared Folders/User/anna/INBOX\"",
    "LIST \"\" * RETURN (MYRIGHTS STATUS (MESSAGES))",
    "XMAILBOXES",
    "XMAILBOXES OWNER \"an na\"",
    "XCHANGES EMAIL 0",
    "XCHANGES OWNER {3+}\r\nbob THREAD 9223372036854775807 MAX 4294967295",
    "XCHANGES MAILBOX 7 MAX 1",
    "XQUERY",
    "XQUERY OWNER bob COLLAPSE POSITION -5 LIMIT 0 TOTAL",
    "XQUERY FILTER (INMAILBOX F1) SORT (REVERSE RECEIVEDAT SUBJECT HASKEYWORD \\Seen) ANCHOR M1 OFFSET -2 "
    "LIMIT 9",
    "XQUERY FILTER (OR (NOT (TEXT \"a b\") (BODY {2+}\r\n\xC3\xA4)) (AND (BEFORE -5) (AFTER 1700000000000)))",
    "XQUERY FILTER (AND (MINSIZE 5) (MAXSIZE 9) (ALLINTHREAD \\Flagged) (SOMEINTHREAD $x) (HASATTACHMENT 1)) "
    "TOTAL",
    "XQUERY FILTER (AND (FROM a) (TO b) (CC c) (BCC d) (SUBJECT e) (HEADER X-Y \"\") (NOTKEYWORD z)) ANCHOR "
    "M1",
    "XQUERY FILTER (INMAILBOXOTHERTHAN (F1 {2+}\r\nF2)) SORT (SENTAT SIZE FROM TO SOMEINTHREAD $a "
    "ALLINTHREAD b)",
    "XTHREADS ()",
    "XTHREADS OWNER bob (T1 T2)",
    "XMESSAGES (M1 M2 {2+}\r\nM3) ()",
    "XMESSAGES OWNER bob (M1) (ENVELOPE BODY.PEEK[1.2]<0.5> INTERNALDATE PREVIEW (LAZY) EMAILID)",
    "XUPDATE ()",
    "XUPDATE OWNER bob IFSTATE 5 ((M1 DESTROY) (M2 FLAGS ()) (M3))",
    "XUPDATE ((M1 +FLAGS (\\Seen $a) -FLAGS (\\Draft) MAILBOXES (F1 F2)) (M2 FLAGS (x) +MAILBOXES (F1) "
    "-MAILBOXES (F2)))",
    "EXPUNGE",
    "UID EXPUNGE 3:*",
    "COPY 1,2:*,*:4 x",
    "UID MOVE $ x",
    "STORE 1:2 (UNCHANGEDSINCE 12) +FLAGS.SILENT (\\Seen \\Draft $X y)",
    "UID STORE * FLAGS ()",
    "STORE 3 -FLAGS (\\Answered)",
    "FETCH 1:* (UID FLAGS)",
    "FETCH 1 FULL",
    "UID FETCH 1:* (FLAGS MODSEQ) (CHANGEDSINCE 12345 VANISHED)",
    "FETCH 1 (BODY[] BODY.PEEK[HEADER.FIELDS (A \"b c\" {1+}\r\nd)]<0.5> BODY[1.2.MIME] BODY[2.TEXT]<5.6>)",
    kWholeFetch,
    "FETCH 1 (RFC822 RFC822.HEADER RFC822.TEXT RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE INTERNALDATE)",
    "SEARCH ALL",
    "UID SEARCH RETURN (MIN MAX COUNT SAVE) UNSEEN",
    "SEARCH RETURN () CHARSET UTF-8 OR (FROM \"\xC3\xA4\" SEEN) NOT (UID 1:* KEYWORD $a)",
    "SEARCH HEADER X-Y {3+}\r\na\r\n UNDELETED UNKEYWORD z 1:5 ((DRAFT OLD))",
    "SEARCH BEFORE 1-Feb-2000 ON 2-Mar-2001 SINCE 3-Apr-2002 SENTBEFORE 4-May-2003 SENTON 5-Jun-0004",
    "SEARCH SENTSINCE 6-Jul-2005 SAVEDBEFORE 7-Aug-2006 SAVEDON 8-Sep-2007 SAVEDSINCE 9-Oct-2008",
    "SEARCH LARGER 0 SMALLER 9223372036854775807 OLDER 1 YOUNGER 2 MODSEQ \"/flags/x\" all 3 NEW RECENT",
    kLongSearch,
    "SEARCH UNANSWERED UNDRAFT UNFLAGGED DELETED (1 2) KEYWORD NIL",
    "SORT (REVERSE DATE SUBJECT ARRIVAL CC FROM SIZE TO DISPLAYFROM DISPLAYTO) UTF-8 ALL SEEN",
    "UID SORT RETURN (ALL COUNT) (SIZE) US-ASCII (1 SEEN)",
    "UID THREAD REFERENCES UTF-8 SINCE 1-Feb-2000",
};

const std::vector<std::string> kStreams{
    "a LOGIN {4}\r\nanna {6}\r\nsecret\r\nb NOOP\r\n"s,
    "a LOGIN {4+}\r\nan\r\n \"x\"\nb  NOOP\r\n\r\nc LOGOUT\r\n"s,
    "a APPEND x (\\Seen) {5}\r\nhello\r\nb NOOP\r\n"s,
    "a APPEND {1+}\r\nx \" 1-Jan-2000 00:00:00 +0000\" {3+}\r\na\r\n (\\Deleted) ~{2}\r\n\0\n\r\nb NOOP\r\n"s,
    "a APPEND x UTF8 (~{4+}\r\nabcd) {2}\r\nxy\r\nb NOOP\r\n"s,
    "a APPEND x {3+}\r\nabc junk {4+}\r\ndefg more\r\nb NOOP\r\n"s,
    "a APPEND \"a&b\" {9+}\r\nNOOP\r\n   \r\nb NOOP\r\n"s,
    "a NOP {5+}\r\nx\r\n.. {3+}\r\nabc\r\nb NOOP\r\n"s,
    "a LOGIN {100001+}\r\nshort"s,
    "a LOGIN {100001}\r\nb NOOP\r\n"s,
    "a SEARCH {3+}\r\nabc\r\nb SEARCH TEXT {3+}\r\na\0b\r\nc NOOP\r\n"s,
    "a XUPDATE (({2+}\r\nM1 FLAGS (\\Seen) {1}\r\nx\r\nb XTHREADS ({2}\r\nT1 T2)\r\nc NOOP\r\n"s,
    "tag ID (\"a\" {3}\r\nxyz b {0}\r\n)\r\n+ NOOP\r\nx\r\n"s,
};

std::vector<std::string> run(View stream, const ParseOptions& options, const std::vector<std::size_t>& cuts) {
  Driver driver(options);
  std::size_t at = 0;
  for (const std::size_t cut : cuts) {
    driver.feed(stream.substr(at, cut - at));
    at = cut;
  }
  driver.feed(stream.substr(at));
  return driver.events();
}

void checkSplits(const std::string& stream, const ParseOptions& options) {
  INFO(stream);
  const auto whole = run(stream, options, {});
  std::vector<std::size_t> every;
  for (std::size_t cut = 1; cut < stream.size(); ++cut) {
    if (run(stream, options, {cut}) != whole) {
      INFO("cut at " << cut);
      CHECK(run(stream, options, {cut}) == whole);
    }
    every.push_back(cut);
  }
  CHECK(run(stream, options, every) == whole);
}

}  // namespace

TEST_CASE("what is printed parses to the same value") {
  for (const std::string& text : kGood) {
    for (const bool utf8 : {false, true}) {
      INFO(text);
      const ParseOptions options{.utf8 = utf8};
      const Command command = parsed("a1 " + text, options);
      std::string printed;
      putCommand(printed, command, {.utf8 = utf8, .literalPlus = true});
      INFO(printed);
      REQUIRE(printed.substr(printed.size() - 2) == "\r\n");
      const Command again = parsed(printed.substr(0, printed.size() - 2), options);
      CHECK(again == command);
      std::string twice;
      putCommand(twice, again, {.utf8 = utf8, .literalPlus = true});
      CHECK(twice == printed);
    }
  }
}

TEST_CASE("any split gives the same commands") {
  for (const std::string& text : kGood) checkSplits("a1 " + text + "\r\nnext NOOP\r\n", {});
  for (const std::string& stream : kStreams) checkSplits(stream, {});
}

TEST_CASE("any split gives the same refusals at the limit of a line") {
  const ParseOptions options{.maxLine = 24, .maxLiteral = 8};
  for (std::size_t length = 20; length < 60; ++length) {
    std::string line = "tag LOGIN anna ";
    line.resize(length, 'x');
    checkSplits(line + "\r\nb NOOP\r\n", options);
    checkSplits(line + " {4+}\r\nabcd\r\nb NOOP\r\n", options);
    checkSplits("a LOGIN {4+}\r\nabcd " + line + "\r\nb NOOP\r\n", options);
  }
  checkSplits("a LOGIN {8+}\r\nabcdefgh x\r\na LOGIN {9+}\r\nabcdefghi x\r\nb NOOP\r\n", options);
}

TEST_CASE("the streams come out as they should") {
  const auto plain = run(kStreams[0], {}, {});
  CHECK(plain == std::vector<std::string>{"done a LOGIN anna secret\r\n", "done b NOOP\r\n"});
  const auto refused = run(kStreams[7], {}, {});
  CHECK(refused == std::vector<std::string>{"bad a Unknown command", "done b NOOP\r\n"});
  const auto append = run(kStreams[2], {}, {});
  CHECK(append == std::vector<std::string>{"append a APPEND x ", "head (\\Seen) {5}\r\n", "message hello",
                                           "end", "done b NOOP\r\n"});
  const auto junk = run(kStreams[5], {}, {});
  CHECK(junk == std::vector<std::string>{"append a APPEND x ", "head {3}\r\n", "message abc",
                                         "bad a Not a literal", "done b NOOP\r\n"});
  const auto name = run(kStreams[6], {}, {});
  CHECK(name == std::vector<std::string>{"bad a Mailbox name is not modified UTF-7", "done b NOOP\r\n"});
}

TEST_CASE("a message may hold NUL where it is a literal8") {
  const auto events = run(kStreams[3], {}, {});
  REQUIRE(events.size() == 7);
  CHECK(events[4] == "message \0\n"s);
  CHECK(events[5] == "end");
  CHECK(run(kStreams[10], {}, {})[1] == "bad b NUL in a literal");
}

TEST_CASE("random cuts and random bytes keep the property") {
  std::mt19937 random(20261121);
  std::string all;
  for (const std::string& stream : kStreams)
    if (stream.find("short") == std::string::npos) all += stream;
  for (int round = 0; round < 300; ++round) {
    std::string stream = all;
    for (int change = 0; change < 3; ++change)
      stream[random() % stream.size()] = "{}+~()\r\n\" \\0&x"[random() % 14];
    std::vector<std::size_t> cuts;
    for (std::size_t at = random() % 40; at < stream.size(); at += 1 + random() % 40) cuts.push_back(at);
    if (run(stream, {}, cuts) != run(stream, {}, {})) {
      INFO(stream);
      CHECK(run(stream, {}, cuts) == run(stream, {}, {}));
    }
  }
}
