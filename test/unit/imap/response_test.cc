// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/response.h"

#include <random>

#include <catch2/catch.hpp>

#include "common/imap/print/fetch.h"
#include "common/imap/print/response.h"

using namespace posthorn;
using namespace posthorn::imap;

namespace {

Response parsed(const std::string& line, const ResponseOptions& options = {}) {
  INFO(line);
  auto outcome = parseResponse(line + "\r\n", options);
  if (const auto* bad = std::get_if<ResponseBad>(&outcome)) {
    INFO(bad->text << " at " << bad->where);
    REQUIRE(bad == nullptr);
  }
  auto* done = std::get_if<ResponseDone>(&outcome);
  REQUIRE(done != nullptr);
  CHECK(done->consumed == line.size() + 2);
  return std::move(done->response);
}

template <typename T>
T as(const std::string& line) {
  Response response = parsed(line);
  REQUIRE(std::holds_alternative<T>(response));
  return std::get<T>(std::move(response));
}

bool refused(const std::string& line) {
  return std::holds_alternative<ResponseBad>(parseResponse(line + "\r\n"));
}

std::string printed(const Response& response) {
  std::string out;
  putResponse(out, response);
  return out;
}

const std::string kPart = "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 2279 48)";

const std::string kEnvelope =
    "* 1 FETCH (ENVELOPE (\"Wed, 17 Jul 1996\" \"x\" ((NIL NIL \"a\" \"b\")(\"C\" NIL \"d\" \"e\")) ((NIL "
    "NIL \"a\" "
    "\"b\")) NIL NIL NIL NIL NIL \"<x@y>\"))";

/// Each is printed again octet for octet.
const std::vector<std::string> kLines{
    "* OK [CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN] Posthorn ready",
    "* PREAUTH Ready",
    "* BYE [UNAVAILABLE] Full",
    "a1 OK [READ-WRITE] Done",
    "a1 NO [TRYCREATE] No such mailbox",
    "a1 BAD Unknown command",
    "* OK [PERMANENTFLAGS (\\Seen $X \\*)] Limited",
    "* OK [UIDVALIDITY 1] x",
    "* OK [HIGHESTMODSEQ 9223372036854775807] x",
    "a1 OK [COPYUID 38505 304,319:320 3956:3958] x",
    "a1 OK [APPENDUID 38505 3955] x",
    "a1 OK [MODIFIED 7,9] x",
    "a1 NO [BADCHARSET (UTF-8 \"a b\")] x",
    "a1 NO [BADCHARSET] x",
    "* OK [MAILBOXID (F2212ea87-6097-4256-9d51-71338625)] x",
    "* NO [X-NEW some (data) 5] text ] with [brackets]",
    "+ idling",
    "+ YQ==",
    "* CAPABILITY IMAP4rev1 LITERAL+",
    "* ENABLED QRESYNC",
    "* FLAGS (\\Answered \\Flagged $X)",
    "* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent Mail\"",
    "* LIST () NIL INBOX",
    "* LIST (\\NonExistent) \"\\\\\" &AOQ- (CHILDINFO (\"SUBSCRIBED\" \"X\"))",
    "* LIST () \"/\" new (OLDNAME (\"old &AOQ-\"))",
    "* LSUB (\\Noselect) \"/\" x",
    "* STATUS \"a b\" (MESSAGES 231 UIDNEXT 44292 SIZE 99999999999 MAILBOXID (F1))",
    "* STATUS x (APPENDLIMIT 5)",
    "* STATUS x (APPENDLIMIT NIL)",
    "* STATUS x ()",
    "* SEARCH",
    "* SEARCH 2 84 882 (MODSEQ 917162500)",
    "* SORT 882 2",
    "* ESEARCH (TAG \"a567\") UID MIN 1 MAX 9 COUNT 17 ALL 4:18,21 MODSEQ 7",
    "* ESEARCH",
    "* THREAD",
    "* THREAD (2)(3 6 (4 23)(44 7 96))",
    "* THREAD ((3)(6 7))(1 ((2)(4)))",
    "* NAMESPACE ((\"\" \"/\")) ((\"Other/\" \"/\")(\"&AOQ-\" NIL)) NIL",
    "* ID (\"name\" \"Posthorn\" \"version\" NIL)",
    "* ID NIL",
    "* QUOTA \"\" (STORAGE 10 512)",
    "* QUOTA user/anna (STORAGE 10 9223372036854775807 MESSAGE 42 1000)",
    "* QUOTA #user/alice ()",
    "* QUOTAROOT INBOX user/anna \"\"",
    "* QUOTAROOT comp.mail.mime",
    "* STATUS INBOX (MESSAGES 12 DELETED 4 DELETED-STORAGE 8)",
    "* ACL INBOX",
    "* ACL &AOQ- anna lrswipkxteacd -bob \"\" \"a b\" r",
    "* LISTRIGHTS INBOX bob \"\" l r s kxc 0",
    "* LISTRIGHTS INBOX anna lrswipkxteacd",
    "* MYRIGHTS \"Shared Folders/User/anna/INBOX\" lrs",
    "* METADATA \"\" (/shared/comment \"Its sunny\" /private/x NIL)",
    "* METADATA &AOQ- (/private/a {4}\r\na\r\nb /private/b ~{2}\r\n\"" + std::string(1, '\0') + ")",
    "* METADATA INBOX /shared/comment \"/private/a b\"",
    "a1 OK [METADATA LONGENTRIES 2199] x",
    "a1 NO [METADATA TOOMANY] x",
    "a1 NO [UNKNOWN-CTE] x",
    "* JMAPACCESS \"https://mail.example/.well-known/jmap\"",
    "a1 OK [XSTATE 17] x",
    "a1 OK [XSTATE 17 9223372036854775807] x",
    "a1 NO [XSTATEMISMATCH] x",
    "a1 NO [XCANNOTCALCULATE] x",
    "a1 NO [XANCHORNOTFOUND] x",
    "* XMAILBOX F1 INBOX () lrswipkxtea (SUBSCRIBED SHARED MESSAGES 5 UNSEEN 4 THREADS 3 UNSEENTHREADS 2 "
    "SIZE "
    "99999999999 UIDVALIDITY 7)",
    "* XMAILBOX F2 \"&AOQ-/a b\" (\\Sent \\Archive) \"\" (MESSAGES 0 UNSEEN 0 THREADS 0 UNSEENTHREADS 0 SIZE "
    "0 "
    "UIDVALIDITY 1 ORDER 2147483647)",
    "* XCHANGES EMAIL 5 9 (M1 M2) () (M3) MORE",
    "* XCHANGES MAILBOX 5 9 () (F1) () COUNTS",
    "* XCHANGES EMAIL 5 5 () (M1) () MORE AFTER M1",
    "* XCHANGES THREAD 5 5 () () ()",
    "* XQUERY 17 0 ()",
    "* XQUERY 17 5 (M1 M2) TOTAL 9",
    "* XTHREAD T1 (M1 M2)",
    "* XMESSAGE M1 T1 (F1 F2) (\\Seen $x) 310 \"17-Jul-1996 02:44:25 -0700\" (BODY[1]<0> {4}\r\na\r\nb "
    "ENVELOPE NIL)",
    "* XMESSAGE M1 T1 (F1) () 0 \"17-Jul-1996 02:44:25 -0700\" ()",
    "* XUPDATED M1 UPDATED",
    "* XUPDATED M1 NOMAILBOX (F8 F9)",
    "* XAPPENDED M1 T1 310 12",
    "* 23 EXISTS",
    "* 0 RECENT",
    "* 44 EXPUNGE",
    "* VANISHED (EARLIER) 41,43:116",
    "* VANISHED 5",
    "* 1 FETCH (UID 5 FLAGS (\\Seen \\Recent $X) RFC822.SIZE 0 MODSEQ (7) EMAILID (M1) THREADID NIL)",
    "* 1 FETCH (INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" SAVEDATE NIL PREVIEW \"Hi\")",
    "* 1 FETCH (BODY[1.2.HEADER.FIELDS (DATE \"x y\")]<5> {4}\r\na\r\nb RFC822.HEADER NIL BODY[] \"\")",
    "* 1 FETCH (BINARY[1]<0> ~{3}\r\na" + std::string(1, '\0') + "b BINARY.SIZE[1] 5)",
    "* 1 FETCH (BODYSTRUCTURE (" + kPart + kPart + " \"MIXED\" (\"BOUNDARY\" \"x\") NIL NIL) BODY " + kPart +
        ")",
    kEnvelope,
    "* 1 FETCH ()",
    "* XNEW (some {3}\r\n(x) data)",
};

}  // namespace

TEST_CASE("what is parsed prints the same") {
  for (const std::string& line : kLines) {
    INFO(line);
    CHECK(printed(parsed(line)) == line + "\r\n");
  }
}

TEST_CASE("a prefix of a response is incomplete, and says how much is needed") {
  for (const std::string& line : kLines) {
    const std::string text = line + "\r\n";
    for (std::size_t length = 0; length < text.size(); ++length) {
      const auto outcome = parseResponse(View(text).substr(0, length));
      const auto* incomplete = std::get_if<ResponseIncomplete>(&outcome);
      if (incomplete == nullptr || incomplete->needed < length || incomplete->needed >= text.size()) {
        INFO(text.substr(0, length));
        CHECK(incomplete != nullptr);
        CHECK((incomplete == nullptr || incomplete->needed >= length));
        CHECK((incomplete == nullptr || incomplete->needed < text.size()));
      }
    }
  }
}

TEST_CASE("status responses") {
  const auto status = as<StatusResponse>("a1 ok [uidnext 5] done");
  CHECK(status.tag == "a1");
  CHECK(status.condition == Condition::Ok);
  CHECK(status.code.kind == ResponseCode::Kind::UidNext);
  CHECK(status.code.number == 5);
  CHECK(status.text == "done");
  CHECK(as<StatusResponse>("* OK").text.empty());
  CHECK(as<StatusResponse>("* BYE [ALERT]").code.kind == ResponseCode::Kind::Alert);
  CHECK(as<StatusResponse>("* NO [X-NEW a b] c").code.words == std::vector<std::string>{"X-NEW", "a b"});
  CHECK(as<StatusResponse>("* NO \xC3\xA4").text == "\xC3\xA4");
  CHECK(as<ContinueResponse>("+").text.empty());
  CHECK(as<OtherData>("* OKAY x").text == "OKAY x");
  for (const char* bad : {"", "a1", "a1 FINE x", "a1 BYE x", "* OK [", "* OK [UIDNEXT] x",
                          "* OK [UIDNEXT x] y", "* OK [COPYUID 1 2] x", "a1 OK [ALERT x] y"}) {
    INFO(bad);
    CHECK(refused(bad));
  }
}

TEST_CASE("untagged data") {
  CHECK(as<ListData>("* LIST (\\X) \"/\" inbox").mailbox.utf8 == "INBOX");
  CHECK(as<ListData>("* LIST ( \\X ) \"/\" &AOQ- ").mailbox.utf8 == "\xC3\xA4");
  CHECK(as<SearchData>("* SEARCH 1 2 ").numbers.size() == 2);
  CHECK(as<StatusData>("* STATUS x (MESSAGES 3 )").numbers.size() == 1);
  const auto threads = as<ThreadData>("* THREAD (2)(3 6 (4 23) (44 7 96))").nodes;
  CHECK(threads ==
        std::vector<ThreadNode>{{2, 0}, {3, 0}, {6, 1}, {4, 2}, {23, 3}, {44, 2}, {7, 3}, {96, 4}});
  CHECK(as<NamespaceData>("* NAMESPACE ((\"\" \"/\" \"X-PARAM\" (\"a\" \"b\"))) NIL NIL").personal.size() ==
        1);
  for (const char* bad : {"* 0 FETCH (UID 1)",
                          "* 1 FETCH (UID)",
                          "* 1 FETCH (X 1)",
                          "* 1 FETCH (UID 1",
                          "* 1 GONE",
                          "* 0 EXPUNGE",
                          "* QUOTA x (STORAGE 1)",
                          "* ACL",
                          "* ACL INBOX bob",
                          "* LISTRIGHTS INBOX",
                          "* LISTRIGHTS INBOX bob",
                          "* MYRIGHTS INBOX",
                          "* METADATA",
                          "* METADATA \"\"",
                          "* METADATA \"\" (/shared/a)",
                          "* METADATA \"\" (/shared/a \"x\"",
                          "* JMAPACCESS",
                          "* JMAPACCESS https://mail.example/",
                          "* QUOTA x (STORAGE 1 9223372036854775808)",
                          "* QUOTA x (STORAGE 1 2",
                          "* 4294967296 EXISTS",
                          "* LIST () \"//\" x",
                          "* LIST () \"/\" a&b",
                          "* LIST () \"/\"",
                          "* SEARCH x",
                          "* SEARCH 0",
                          "* THREAD (",
                          "* THREAD ()",
                          "* THREAD 1",
                          "* THREAD (1))",
                          "* STATUS x (FOO 1)",
                          "* VANISHED *",
                          "* ID (a)",
                          "* 1 FETCH (FLAGS (a (b)))",
                          "* 1 FETCH (BODY[] x)",
                          "* 1 FETCH (INTERNALDATE \"yesterday\")"}) {
    INFO(bad);
    CHECK(refused(bad));
  }
}

TEST_CASE("responses have limits") {
  const auto deep = [](std::size_t depth) {
    return "* 1 FETCH (BODY " + std::string(depth, '(') + "NIL" + std::string(depth, ')') + ")";
  };
  CHECK_FALSE(refused(deep(kMaxValueDepth)));
  CHECK(refused(deep(kMaxValueDepth + 1)));
  CHECK(refused(deep(100'000)));
  std::string wide = "* 1 FETCH (BODY (";
  for (std::size_t i = 0; i < kMaxValues; ++i) wide += "1 ";
  CHECK(refused(wide + "))"));
  CHECK(std::holds_alternative<ResponseBad>(parseResponse("* 1 FETCH (BODY[] {11}\r\n", {.maxLiteral = 10})));
  CHECK(std::holds_alternative<ResponseBad>(parseResponse("* OK 0123456789", {.maxLine = 10})));
  const auto wanted = parseResponse("* 1 FETCH (BODY[] {1000}\r\n");
  CHECK(std::get<ResponseIncomplete>(wanted).needed == 1026);
  // As many threads and as deep as a mailbox can make them.
  ThreadData chain;
  for (std::uint32_t i = 0; i < 200'000; ++i) chain.nodes.push_back({i + 1, i});
  const std::string line = printed(chain);
  CHECK(as<ThreadData>(line.substr(0, line.size() - 2)) == chain);
}

TEST_CASE("status texts stay on their line") {
  std::string out;
  putStatus(out, "a1", Condition::No, "two\r\n* lines");
  putStatus(out, "*", Condition::Ok, "");
  CHECK(out == "a1 NO two  * lines\r\n* OK Done\r\n");
}

TEST_CASE("words take the form that fits") {
  const auto put = [](auto print, View text, PrintOptions options = {}) {
    std::string out;
    print(out, text, options);
    return out;
  };
  CHECK(put(putAstring, "abc]") == "\"abc]\"");
  CHECK(put(putAstring, "abc") == "abc");
  CHECK(put(putAstring, "nil") == "\"nil\"");
  CHECK(put(putAstring, "") == "\"\"");
  CHECK(put(putAstring, "a b") == "\"a b\"");
  CHECK(put(putString, "a\"\\") == "\"a\\\"\\\\\"");
  CHECK(put(putString, "a\r\nb") == "{4}\r\na\r\nb");
  CHECK(put(putString, "a\r\nb", {.literalPlus = true}) == "{4+}\r\na\r\nb");
  CHECK(put(putString, "\xC3\xA4") == "{2}\r\n\xC3\xA4");
  CHECK(put(putString, "\xC3\xA4", {.utf8 = true}) == "\"\xC3\xA4\"");
  CHECK(put(putString, "\xC3", {.utf8 = true}) == "{1}\r\n\xC3");
  CHECK(put(putString, std::string(2000, 'x')).substr(0, 8) == "{2000}\r\n");
  CHECK(put(putMailbox, "\xC3\xA4 b") == "\"&AOQ- b\"");
  CHECK(put(putMailbox, "\xC3\xA4 b", {.utf8 = true}) == "\"\xC3\xA4 b\"");
  CHECK(put(putMailbox, "a&b") == "a&-b");
}

TEST_CASE("sets are written as they come") {
  const auto written = [](const std::vector<std::uint32_t>& numbers) {
    std::string out;
    SetWriter set(out);
    for (const std::uint32_t number : numbers) set.add(number);
    set.end();
    return out;
  };
  CHECK(written({}).empty());
  CHECK(written({5}) == "5");
  CHECK(written({1, 2, 3, 7, 9, 10}) == "1:3,7,9:10");
  CHECK(written({3, 2, 1}) == "3,2,1");
  std::string out;
  SetWriter set(out);
  CHECK(set.empty());
  set.add(1, 4);
  set.add(5, 6);
  CHECK_FALSE(set.empty());
  set.end();
  CHECK(out == "1:6");
}

TEST_CASE("FETCH is written piece by piece") {
  std::string out;
  FetchWriter fetch(out, 12);
  fetch.number("UID", 7);
  fetch.flags(kSeen | kDraft, [](ListWriter& list) { list.word("$X"); });
  fetch.modseq(99);
  fetch.id("EMAILID", "M1");
  fetch.date("INTERNALDATE", DateTime{837596665, -420});
  fetch.wire("ENVELOPE", "(NIL)");
  FetchAttribute body;
  body.kind = FetchAttribute::Kind::BodySection;
  body.peek = true;
  body.section.part = {1};
  body.partial = Partial{3, 4};
  fetch.literal(body, 4);
  out += "abcd";
  fetch.nil(body);
  FetchAttribute size;
  size.kind = FetchAttribute::Kind::BinarySize;
  fetch.size(size, 5);
  fetch.text(body, "x");
  fetch.end();
  CHECK(out ==
        "* 12 FETCH (UID 7 FLAGS (\\Seen \\Draft $X) MODSEQ (99) EMAILID (M1) INTERNALDATE \"17-Jul-1996 "
        "02:44:25 "
        "-0700\" ENVELOPE (NIL) BODY[1]<3> {4}\r\nabcd BODY[1]<3> NIL BINARY.SIZE[] 5 BODY[1]<3> \"x\")\r\n");
  CHECK(std::get<FetchData>(parsed(out.substr(0, out.size() - 2))).items.size() == 10);
}
