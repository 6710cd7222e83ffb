// SPDX-License-Identifier: Apache-2.0

// The commands about mailboxes and messages, one by one.

#include "test/unit/imap/parsed.h"

using namespace posthorn;
using namespace posthorn::imap;
using namespace posthorn::imap::test;

namespace {

FetchAttribute item(FetchAttribute::Kind kind) {
  FetchAttribute attribute;
  attribute.kind = kind;
  return attribute;
}

std::string repeated(std::size_t count, const std::string& text, const std::string& between) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += (i > 0 ? between : "") + text;
  return all;
}

}  // namespace

TEST_CASE("sequence sets") {
  using Ranges = std::vector<SequenceRange>;
  const auto ranges = [](const std::string& set) { return args<CopyArgs>("COPY " + set + " x").set.ranges; };
  CHECK(ranges("1") == Ranges{{1, 1}});
  CHECK(ranges("*") == Ranges{{kStar, kStar}});
  CHECK(ranges("2,4:7,9,12:*") == Ranges{{2, 2}, {4, 7}, {9, 9}, {12, kStar}});
  CHECK(ranges("*:4,7:5,4294967295") == Ranges{{kStar, 4}, {7, 5}, {0xFFFFFFFF, 0xFFFFFFFF}});
  CHECK(args<CopyArgs>("COPY $ x").set.saved);
  for (const char* bad : {"0", "01", "1,", ",1", "1:", ":1", "1:2:3", "1;2", "-1", "4294967296", "**", "$,1",
                          "1,$", "x", "1 :2", ""}) {
    INFO(bad);
    CHECK(refused("a COPY " + std::string(bad) + " x").substr(0, 8) != "accepted");
  }
  const std::string most = repeated(kMaxRanges, "1", ",");
  CHECK(ranges(most).size() == kMaxRanges);
  CHECK(refused("a COPY " + most + ",1 x") == "Too many ranges");
}

TEST_CASE("sets are resolved for a walk") {
  using Ranges = std::vector<SequenceRange>;
  const auto resolve = [](const std::string& set, std::uint32_t largest) {
    return resolved(args<CopyArgs>("COPY " + set + " x").set, largest);
  };
  CHECK(resolve("*:4,5:7", 10) == Ranges{{4, 10}});
  CHECK(resolve("9,1,2,3:5", 10) == Ranges{{1, 5}, {9, 9}});
  CHECK(resolve("3291:*", 5) == Ranges{{5, 3291}});
  CHECK(resolve("*", 7) == Ranges{{7, 7}});
  CHECK(resolve("*,1:*", 0).empty());
  CHECK(resolve("4:2,2:4,3", 9) == Ranges{{2, 4}});
  CHECK(resolve("1:4294967295,7", 3) == Ranges{{1, 0xFFFFFFFF}});
  CHECK(largestNamed(args<CopyArgs>("COPY 3:*,9:2 x").set) == 9);
  CHECK(namesStar(args<CopyArgs>("COPY 3:* x").set));
  CHECK_FALSE(namesStar(args<CopyArgs>("COPY 3:4 x").set));
}

TEST_CASE("mailbox names") {
  const auto name = [](const std::string& text, bool utf8 = false) {
    return args<MailboxArgs>("DELETE " + text, {.utf8 = utf8}).mailbox.utf8;
  };
  CHECK(name("inBox") == "INBOX");
  CHECK(name("\"InBox\"") == "INBOX");
  CHECK(name("inbox/x") == "inbox/x");
  CHECK(name("&AOQ-") == "\xC3\xA4");
  CHECK(name("\"a &- b\"") == "a & b");
  CHECK(name("{3+}\r\na]b") == "a]b");
  CHECK(name("\"\xC3\xA4 & b\"", true) == "\xC3\xA4 & b");
  CHECK(name("&AOQ-", true) == "&AOQ-");
  CHECK(refused("a DELETE \"\xC3\xA4\"") == "Mailbox name is not modified UTF-7");
  CHECK(refused("a DELETE \"a & b\"") == "Mailbox name is not modified UTF-7");
  CHECK(refused("a DELETE \"\xE4\"", {.utf8 = true}) == "Mailbox name is not UTF-8");
  CHECK(refused("a DELETE {3+}\r\na\nb") == "Mailbox name is not modified UTF-7");
  CHECK(refused("a DELETE {3+}\r\na\nb", {.utf8 = true}) == "Mailbox name is not UTF-8");
  CHECK(refused("a DELETE " + std::string(kMaxMailboxName + 1, 'm')) == "Mailbox name too long");
  CHECK(refused("a DELETE x%y") == "Too many arguments");
}

TEST_CASE("CREATE, DELETE, RENAME, SUBSCRIBE") {
  CHECK(args<CreateArgs>("CREATE foo/") == CreateArgs{{"foo/"}, {}});
  CHECK(args<CreateArgs>("CREATE Sent (USE (\\Sent \\Drafts))") ==
        CreateArgs{{"Sent"}, {"\\Sent", "\\Drafts"}});
  CHECK(args<CreateArgs>("CREATE x (USE ())").use.empty());
  CHECK(refused("a CREATE x (USED (\\Sent))") == "Unknown parameter");
  CHECK(refused("a CREATE x (USE (Sent))") == "Malformed argument");
  CHECK(refused("a CREATE x (USE (\\Sent)") == "Missing )");
  CHECK(args<RenameArgs>("RENAME inbox \"old mail\"") == RenameArgs{{"INBOX"}, {"old mail"}});
  CHECK(refused("a RENAME x") == "Missing argument");
  for (const char* word : {"DELETE", "SUBSCRIBE", "UNSUBSCRIBE"}) {
    CHECK(args<MailboxArgs>(std::string(word) + " x").mailbox.utf8 == "x");
    CHECK(refused("a " + std::string(word)) == "Missing argument");
    CHECK(refused("a " + std::string(word) + " x y") == "Too many arguments");
  }
}

TEST_CASE("SELECT and EXAMINE") {
  CHECK(args<SelectArgs>("SELECT inbox") == SelectArgs{{"INBOX"}, false, std::nullopt});
  CHECK(parsed("a EXAMINE x").name == CommandName::Examine);
  CHECK(args<SelectArgs>("SELECT x (CONDSTORE)").condstore);
  const auto qresync =
      args<SelectArgs>("SELECT x (QRESYNC (67890007 90060115194045000 41:211,214:541 (1:3 41,43:44)))")
          .qresync;
  REQUIRE(qresync.has_value());
  CHECK(qresync->uidValidity == 67890007);
  CHECK(qresync->modseq == 90060115194045000);
  CHECK(qresync->knownUids->ranges.size() == 2);
  CHECK(qresync->match->uids.ranges.back() == SequenceRange{43, 44});
  CHECK_FALSE(args<SelectArgs>("SELECT x (QRESYNC (1 2))").qresync->knownUids.has_value());
  CHECK(args<SelectArgs>("SELECT x (QRESYNC (1 2 (1 2)))").qresync->match.has_value());
  for (const char* bad :
       {"(QRESYNC (0 2))", "(QRESYNC (1 0))", "(QRESYNC (1 2 1:*))", "(QRESYNC (1 2 1 (1:2 5)))",
        "(QRESYNC (1))", "(QRESYNC (1 2 1 (2,1 5,6)))", "(QRESYNC (1 2)) x", "(QRESYNC (1 2) QRESYNC (1 2))",
        "(ANNOTATE)", "()", "(CONDSTORE"}) {
    INFO(bad);
    CHECK(refused("a SELECT x " + std::string(bad)).substr(0, 8) != "accepted");
  }
}

TEST_CASE("LIST and LSUB") {
  CHECK(args<ListArgs>("LIST \"\" *") == ListArgs{"", {"*"}, false, {}, {}, {}});
  CHECK(args<ListArgs>("LIST \"\" \"\"").patterns == std::vector<std::string>{""});
  CHECK(args<ListArgs>("LIST ~/Mail/ %]").reference == "~/Mail/");
  CHECK(args<ListArgs>("LIST \"\" \"&AOQ-*\"").patterns.front() == "\xC3\xA4*");
  const auto extended = args<ListArgs>(
      "list (subscribed Recursivematch REMOTE special-use) \"\" (INBOX \"*\" %) return (CHILDREN subscribed "
      "SPECIAL-USE STATUS (MESSAGES unseen))");
  CHECK(extended.extended);
  CHECK(extended.patterns.size() == 3);
  CHECK(extended.selecting == EnumSet<ListSelect>{ListSelect::Subscribed, ListSelect::RecursiveMatch,
                                                  ListSelect::Remote, ListSelect::SpecialUse});
  CHECK(extended.returning.has(ListReturn::Status));
  CHECK(extended.statusItems == StatusItems{StatusItem::Messages, StatusItem::Unseen});
  CHECK(args<ListArgs>("LIST () \"\" *").extended);
  CHECK(args<ListArgs>("LIST \"\" * RETURN ()").extended);
  CHECK(refused("a LIST (RECURSIVEMATCH) \"\" *") == "RECURSIVEMATCH needs another selection option");
  CHECK(refused("a LIST (NEW) \"\" *") == "Unknown selection option");
  CHECK(refused("a LIST \"\" * RETURN (NEW)") == "Unknown return option");
  CHECK(refused("a LIST \"\" * RETURN (STATUS ())") == "Missing word");
  CHECK(refused("a LIST \"\" * RETURNS ()") == "Too many arguments");
  CHECK(refused("a LIST \"\"") == "Missing argument");
  CHECK(refused("a LIST \"\" \"&x\"") == "Mailbox name is not modified UTF-7");
  const std::string most = repeated(kMaxPatterns, "x", " ");
  CHECK(args<ListArgs>("LIST \"\" (" + most + ")").patterns.size() == kMaxPatterns);
  CHECK(refused("a LIST \"\" (" + most + " x)") == "Too many patterns");

  CHECK(args<ListArgs>("LSUB \"#news.\" comp.*") == ListArgs{"#news.", {"comp.*"}, false, {}, {}, {}});
  CHECK(refused("a LSUB \"\" (x y)") == "Missing pattern");
  CHECK(refused("a LSUB \"\" * RETURN ()") == "Too many arguments");
}

TEST_CASE("PROXYAUTH and those without arguments") {
  CHECK(args<ProxyAuthArgs>("proxyauth anna@example.com") == ProxyAuthArgs{"anna@example.com"});
  CHECK(refused("a PROXYAUTH") == "Missing argument");
  CHECK(refused("a PROXYAUTH x y") == "Too many arguments");
  CHECK(refused("a UNAUTHENTICATE x") == "Too many arguments");
  CHECK(refused("a UID UNAUTHENTICATE") == "Unknown command");
  CHECK(parsed("a unauthenticate").name == CommandName::Unauthenticate);
  CHECK(parsed("a GetJmapAccess").name == CommandName::Getjmapaccess);
}

TEST_CASE("names of METADATA entries") {
  for (const char* good :
       {"/private/comment", "/SHARED/comment", "/private/vendor/x/y", "/shared/a/b/c", "/private/a b"})
    CHECK(isMetadataName(good));
  for (const char* bad : {"", "/", "/private", "/private/", "private/x", "/public/x", "/private//x",
                          "/private/x/", "/private/a*", "/private/a%", "/private/\x01", "/private/\xC3\xA4",
                          "/private/vendor", "/private/vendor/x", "/shared/VENDOR/x", "/private/\x7F"})
    CHECK_FALSE(isMetadataName(bad));
}

TEST_CASE("GETMETADATA") {
  using Depth = MetadataDepth;
  CHECK(args<GetMetadataArgs>("GETMETADATA \"\" /shared/comment") ==
        GetMetadataArgs{{""}, {"/shared/comment"}, std::nullopt, Depth::Zero});
  const GetMetadataArgs both{{"INBOX"}, {"/shared/a", "/private/b"}, 1024, Depth::One};
  CHECK(args<GetMetadataArgs>("GETMETADATA (MAXSIZE 1024 DEPTH 1) inbox (/shared/a /private/b)") == both);
  CHECK(args<GetMetadataArgs>("GETMETADATA inbox (depth 1 maxsize 1024) (/shared/a /private/b)") == both);
  CHECK(args<GetMetadataArgs>("GETMETADATA (DEPTH Infinity) x /private").depth == Depth::Infinity);
  CHECK(args<GetMetadataArgs>("GETMETADATA (DEPTH 1) x /private/vendor").entries.front() ==
        "/private/vendor");
  CHECK(refused("a GETMETADATA") == "Missing argument");
  CHECK(refused("a GETMETADATA x") == "Missing argument");
  CHECK(refused("a GETMETADATA x /private") == "Not the name of an entry");
  CHECK(refused("a GETMETADATA (DEPTH 1) x /priv") == "Not the name of an entry");
  CHECK(refused("a GETMETADATA (DEPTH 2) x /private/a") == "DEPTH is 0, 1 or infinity");
  CHECK(refused("a GETMETADATA (SIZE 2) x /private/a") == "Unknown option");
  CHECK(refused("a GETMETADATA x (/private/a").starts_with("Missing"));
  CHECK(refused("a GETMETADATA x ()") != "");
  CHECK(refused("a GETMETADATA x /private/" + std::string(kMaxMetadataName, 'a')) == "Entry name too long");
  std::string many = "a GETMETADATA x (/private/a";
  for (std::size_t i = 0; i < kMaxMetadataEntries; ++i) many += " /private/a";
  CHECK(refused(many + ")") == "Too many entries");
}

TEST_CASE("SETMETADATA and XSETMETADATA") {
  using namespace std::string_literals;
  CHECK(args<SetMetadataArgs>("SETMETADATA inbox (/private/a \"x\" /shared/b NIL)") ==
        SetMetadataArgs{{"INBOX"}, {{"/private/a", "x"}, {"/shared/b", std::nullopt}}});
  CHECK(args<SetMetadataArgs>("SETMETADATA \"\" (/private/a ~{3+}\r\n\0x\0)"s).entries.front().value ==
        "\0x\0"s);
  CHECK(refused("a SETMETADATA \"\" (/private/a {3+}\r\n\0x\0)"s) == "NUL in a literal");
  CHECK(refused("a SETMETADATA x ()") != "");
  CHECK(refused("a SETMETADATA x (/private/a)") == "Missing argument");
  CHECK(refused("a SETMETADATA x (/private/a 5)") != "");
  CHECK(refused("a SETMETADATA x (/private/a \"\" /PRIVATE/A NIL)") == "Entry given twice");
  CHECK(refused("a SETMETADATA x (/private/vendor/a \"\")") == "Not the name of an entry");
  CHECK(refused("a SETMETADATA x (/private/% \"\")") == "Not the name of an entry");
  CHECK(args<SwapMetadataArgs>("XSETMETADATA \"\" (/private/a NIL \"x\" /private/b \"y\" NIL)") ==
        SwapMetadataArgs{{""}, {{"/private/a", std::nullopt, "x"}, {"/private/b", "y", std::nullopt}}});
  CHECK(refused("a XSETMETADATA \"\" (/private/a NIL)") == "Missing argument");
}

TEST_CASE("ACL") {
  using Action = SetAclArgs::Action;
  CHECK(args<SetAclArgs>("SETACL inbox bob lrs") == SetAclArgs{{"INBOX"}, "bob", Action::Replace, "lrs"});
  CHECK(args<SetAclArgs>("setacl x -bob@example.org +te0") ==
        SetAclArgs{{"x"}, "-bob@example.org", Action::Add, "te0"});
  CHECK(args<SetAclArgs>("SETACL x anyone -") == SetAclArgs{{"x"}, "anyone", Action::Remove, ""});
  CHECK(args<SetAclArgs>("SETACL x anyone \"\"") == SetAclArgs{{"x"}, "anyone", Action::Replace, ""});
  CHECK(args<IdentifierArgs>("DELETEACL x \"a b\"") == IdentifierArgs{{"x"}, "a b"});
  CHECK(args<IdentifierArgs>("LISTRIGHTS x bob") == IdentifierArgs{{"x"}, "bob"});
  CHECK(args<MailboxArgs>("GETACL x") == MailboxArgs{{"x"}});
  CHECK(args<MailboxArgs>("MYRIGHTS x") == MailboxArgs{{"x"}});
  CHECK(refused("a SETACL x bob lRs") == "Rights are lower-case letters and digits");
  CHECK(refused("a SETACL x bob ++l") == "Rights are lower-case letters and digits");
  CHECK(refused("a SETACL x bob \"l r\"") == "Rights are lower-case letters and digits");
  CHECK(refused("a SETACL x bob") == "Missing argument");
  CHECK(refused("a DELETEACL x") == "Missing argument");
  CHECK(refused("a GETACL x y") == "Too many arguments");
}

TEST_CASE("QUOTA") {
  CHECK(args<QuotaArgs>("GETQUOTA \"!partition/sda4\"") == QuotaArgs{"!partition/sda4"});
  CHECK(args<QuotaArgs>("getquota user/anna") == QuotaArgs{"user/anna"});
  CHECK(args<QuotaArgs>("GETQUOTA \"\"") == QuotaArgs{""});
  CHECK(args<MailboxArgs>("GETQUOTAROOT inbox") == MailboxArgs{{"INBOX"}});
  CHECK(args<SetQuotaArgs>("SETQUOTA #user/alice (storage 510 MESSAGE 0)") ==
        SetQuotaArgs{"#user/alice", {{"STORAGE", 510}, {"MESSAGE", 0}}});
  CHECK(args<SetQuotaArgs>("SETQUOTA \"\" ()") == SetQuotaArgs{"", {}});
  CHECK(refused("a GETQUOTA") == "Missing argument");
  CHECK(refused("a GETQUOTA x y") == "Too many arguments");
  CHECK(refused("a SETQUOTA x") == "Missing argument");
  CHECK(refused("a SETQUOTA x (STORAGE)") == "Missing argument");
  CHECK(refused("a SETQUOTA x (STORAGE -1)") == "Not a number");
  CHECK(refused("a SETQUOTA x (STORAGE 9223372036854775808)") == "Not a number");
  std::string many = "a SETQUOTA x (A 1";
  for (int i = 0; i < 32; ++i) many += " A 1";
  CHECK(refused(many + ")") == "Too many resources");
  CHECK(refused("a UID GETQUOTA x") == refused("a UID NOOP"));
}

TEST_CASE("STATUS") {
  CHECK(args<StatusArgs>("STATUS blurdybloop (UIDNEXT MESSAGES)") ==
        StatusArgs{{"blurdybloop"}, {StatusItem::UidNext, StatusItem::Messages}});
  const auto all = args<StatusArgs>(
      "STATUS x (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE HIGHESTMODSEQ MAILBOXID "
      "APPENDLIMIT DELETED-STORAGE)");
  for (unsigned i = 0; i < kStatusItemCount; ++i) CHECK(all.items.has(static_cast<StatusItem>(i)));
  CHECK(refused("a STATUS x ()") == "Missing word");
  CHECK(refused("a STATUS x (MESSAGES X)") == "Unknown status item");
  CHECK(refused("a STATUS x MESSAGES") == "Missing (");
  CHECK(refused("a STATUS x (MESSAGES") == "Missing )");
}

TEST_CASE("STORE") {
  CHECK(args<StoreArgs>("STORE 2:4 +flags (\\deleted $Junk)") ==
        StoreArgs{{{{2, 4}}, false}, StoreArgs::Action::Add, false, {kDeleted, {"$Junk"}}, std::nullopt});
  CHECK(args<StoreArgs>("STORE 1 FLAGS ()").action == StoreArgs::Action::Replace);
  const auto bare = args<StoreArgs>("STORE 1 -FLAGS.SILENT \\Seen NonJunk nonjunk ");
  CHECK(bare.action == StoreArgs::Action::Remove);
  CHECK(bare.silent);
  CHECK(bare.flags == Flags{kSeen, {"NonJunk"}});
  CHECK(args<StoreArgs>("STORE 1 (UNCHANGEDSINCE 0) FLAGS \\Seen").unchangedSince == 0U);
  CHECK(args<StoreArgs>("STORE 1 +FLAGS (\\Recent)").flags.empty());
  CHECK(parsed("a UID STORE 1 FLAGS x").uid);
  CHECK(refused("a STORE 1 FLAG (x)") == "Unknown data item");
  CHECK(refused("a STORE 1 +FLAGS (\\Foo)") == "Unknown system flag");
  CHECK(refused("a STORE 1 +FLAGS (\\*)") == "Missing word");
  CHECK(refused("a STORE 1 +FLAGS (x") == "Missing )");
  CHECK(refused("a STORE 1 +FLAGS (x )") == "Missing word");
  CHECK(refused("a STORE 1 +FLAGS") == "Missing argument");
  CHECK(refused("a STORE 1 (CHANGEDSINCE 1) FLAGS x") == "Unknown modifier");
  CHECK(refused("a STORE 1 FLAGS " + std::string(kMaxKeyword + 1, 'k')) == "Keyword too long");
  std::string many;
  for (std::size_t i = 0; i < kMaxKeywords; ++i) many += "k" + std::to_string(i) + " ";
  CHECK(args<StoreArgs>("STORE 1 FLAGS " + many).flags.keywords.size() == kMaxKeywords);
  CHECK(refused("a STORE 1 FLAGS " + many + "more") == "Too many keywords");
}

TEST_CASE("COPY, MOVE, EXPUNGE") {
  CHECK(args<CopyArgs>("COPY 1:3 x") == CopyArgs{{{{1, 3}}, false}, {"x"}});
  CHECK(parsed("a UID MOVE 1 x").name == CommandName::Move);
  CHECK_FALSE(args<ExpungeArgs>("EXPUNGE").uids.has_value());
  CHECK(args<ExpungeArgs>("UID EXPUNGE 3:*").uids->ranges.size() == 1);
  CHECK(refused("a EXPUNGE 1") == "Too many arguments");
  CHECK(refused("a UID EXPUNGE") == "Missing argument");
}

TEST_CASE("FETCH") {
  using Kind = FetchAttribute::Kind;
  const auto items = [](const std::string& text) { return args<FetchArgs>("FETCH 1 " + text).attributes; };
  CHECK(items("FAST") == std::vector{item(Kind::Flags), item(Kind::InternalDate), item(Kind::Rfc822Size)});
  CHECK(items("all").size() == 4);
  CHECK(items("FULL").back() == item(Kind::Body));
  CHECK(items("( UID  FLAGS )") == std::vector{item(Kind::Uid), item(Kind::Flags)});
  CHECK(items("(RFC822 RFC822.HEADER RFC822.TEXT RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE INTERNALDATE MODSEQ "
              "EMAILID THREADID PREVIEW SAVEDATE)")
            .size() == 13);
  CHECK(items("(PREVIEW (LAZY) UID)").front().lazy);
  const auto body = items("BODY.PEEK[1.2.HEADER.FIELDS (Date {4+}\r\nFrom \"x y\")]<5.10>").front();
  CHECK(body.kind == Kind::BodySection);
  CHECK(body.peek);
  CHECK(body.section == Section{{1, 2}, Section::Text::HeaderFields, {"Date", "From", "x y"}});
  CHECK(body.partial == Partial{5, 10});
  CHECK(items("body[]").front().section == Section{});
  CHECK(items("BODY[1]").front().section.part == std::vector<std::uint32_t>{1});
  CHECK(items("BODY[TEXT]").front().section.text == Section::Text::Text);
  CHECK(items("BODY[HEADER]").front().section.text == Section::Text::Header);
  CHECK(items("BODY[2.MIME]").front().section.text == Section::Text::Mime);
  CHECK(items("BODY[HEADER.FIELDS.NOT (x)]").front().section.text == Section::Text::HeaderFieldsNot);
  CHECK(items("BINARY.PEEK[1.2]<0.5>").front().kind == Kind::Binary);
  CHECK(items("BINARY.SIZE[]").front().kind == Kind::BinarySize);

  CHECK(args<FetchArgs>("FETCH 1 (UID) (CHANGEDSINCE 7)").changedSince == 7U);
  CHECK(args<FetchArgs>("UID FETCH 1 (UID) (VANISHED CHANGEDSINCE 7)").vanished);
  CHECK(refused("a FETCH 1 (UID) (CHANGEDSINCE 7 VANISHED)") == "VANISHED needs UID FETCH and CHANGEDSINCE");
  CHECK(refused("a UID FETCH 1 (UID) (VANISHED)") == "VANISHED needs UID FETCH and CHANGEDSINCE");
  for (const char* bad : {"",
                          "()",
                          "(UID",
                          "UID FLAGS",
                          "(ALL)",
                          "X",
                          "BODY[",
                          "BODY[0]",
                          "BODY[1.]",
                          "BODY[MIME]",
                          "BODY[1.0]",
                          "BODY[.1]",
                          "BODY[HEADER.FIELDS]",
                          "BODY[HEADER.FIELDS ()]",
                          "BODY[]<0.0>",
                          "BODY[]<0>",
                          "BODY[]<.1>",
                          "BODY[]<0.1",
                          "BODY[1.TEXTS]",
                          "BINARY[TEXT]",
                          "BINARY.SIZE[1]<0.1>",
                          "BINARY",
                          "RFC822[1]",
                          "FLAGS[1]",
                          "(UID) (X)",
                          "(UID) ()",
                          "(PREVIEW (EAGER))",
                          "(UID)(CHANGEDSINCE 1",
                          "BODY[1 ]",
                          "(UID,FLAGS)"}) {
    INFO(bad);
    CHECK(refused("a FETCH 1 " + std::string(bad)).substr(0, 8) != "accepted");
  }
  CHECK(items("(" + repeated(kMaxAttributes, "UID", " ") + ")").size() == kMaxAttributes);
  CHECK(refused("a FETCH 1 (" + repeated(kMaxAttributes + 1, "UID", " ") + ")") == "Too many data items");
  CHECK(items("BODY[" + repeated(kMaxPartDepth, "1", ".") + "]").front().section.part.size() ==
        kMaxPartDepth);
  CHECK(refused("a FETCH 1 BODY[" + repeated(kMaxPartDepth + 1, "1", ".") + "]") == "Section too deep");
  CHECK(refused("a FETCH 1 BODY[HEADER.FIELDS (" + repeated(kMaxHeaderFields + 1, "x", " ") + ")]") ==
        "Too many header fields");
}

TEST_CASE("what sets \\Seen") {
  const auto sets = [](const std::string& text) {
    return setsSeen(args<FetchArgs>("FETCH 1 " + text).attributes.front());
  };
  for (const char* yes : {"BODY[]", "BODY[1.MIME]", "RFC822", "RFC822.TEXT", "BINARY[1]"}) CHECK(sets(yes));
  for (const char* no : {"BODY.PEEK[]", "RFC822.HEADER", "BINARY.PEEK[1]", "BINARY.SIZE[1]", "BODY", "FLAGS"})
    CHECK_FALSE(sets(no));
}

TEST_CASE("SEARCH") {
  using Kind = SearchKey::Kind;
  const auto key = [](const std::string& text) { return args<SearchArgs>("SEARCH " + text).program.key; };
  CHECK(key("ALL").kind == Kind::All);
  CHECK(key("unseen").kind == Kind::NoFlag);
  CHECK(key("unseen").flag == kSeen);
  CHECK(key("2,4:7").kind == Kind::Numbers);
  CHECK(key("*").set.ranges.front().first == kStar);
  CHECK(key("$").set.saved);
  CHECK(key("UID 1:*").kind == Kind::Uid);
  CHECK(key("HEADER Message-ID {3+}\r\n<x>").text == "<x>");
  CHECK(key("FROM \"\"").text.empty());
  CHECK(key("SINCE 1-Feb-1994").date == Date{1994, 2, 1});
  CHECK(key("SENTON \"29-fEB-2024\"").date == Date{2024, 2, 29});
  CHECK(key("LARGER 0").number == 0);
  CHECK(key("LARGER 9223372036854775807").number == 9223372036854775807U);
  CHECK(key("YOUNGER 86400").number == 86400);
  CHECK(key("MODSEQ \"/flags/\\\\draft\" all 620162338").number == 620162338);
  CHECK(key("EMAILID M6d99ac3275bb4e").text == "M6d99ac3275bb4e");
  const auto tree = key("OR (SEEN NOT (DELETED)) OR 1 KEYWORD $x ANSWERED ");
  CHECK(tree.kind == Kind::And);
  REQUIRE(tree.children.size() == 2);
  CHECK(tree.children[0].kind == Kind::Or);
  CHECK(tree.children[0].children[0].kind == Kind::And);
  CHECK(tree.children[0].children[0].children[1].children[0].flag == kDeleted);
  CHECK(tree.children[0].children[1].children[1].text == "$x");
  CHECK(key("((SEEN))").kind == Kind::Flag);

  const auto plain = args<SearchArgs>("SEARCH CHARSET UTF-8 TEXT \"\xC3\xA4\"");
  CHECK(plain.program.charset == "UTF-8");
  CHECK_FALSE(plain.extended);
  const auto extended = args<SearchArgs>("UID SEARCH RETURN (MIN count SAVE) ALL");
  CHECK(extended.returning ==
        EnumSet<SearchReturn>{SearchReturn::Min, SearchReturn::Count, SearchReturn::Save});
  CHECK(args<SearchArgs>("SEARCH RETURN () ALL").returning == EnumSet<SearchReturn>{SearchReturn::All});
  for (const char* bad : {"",
                          "X",
                          "NOT",
                          "OR SEEN",
                          "(SEEN",
                          "()",
                          "SEEN)",
                          "FROM",
                          "SINCE 31-Feb-2024",
                          "SINCE 1-1-2024",
                          "SINCE 1-Feb-94",
                          "SINCE 001-Feb-1994",
                          "LARGER x",
                          "LARGER 9223372036854775808",
                          "YOUNGER 0",
                          "UID x",
                          "RETURN (X) ALL",
                          "RETURN (MIN)",
                          "CHARSET",
                          "CHARSET UTF-8",
                          "CHARSET \"\" ALL",
                          "KEYWORD \\Seen",
                          "KEYWORD",
                          "HEADER x",
                          "MODSEQ",
                          "MODSEQ \"/x\" all 1",
                          "MODSEQ \"/flags/\\\\seen\" 1",
                          "0",
                          "SEEN  DELETED"}) {
    INFO(bad);
    CHECK(refused("a SEARCH " + std::string(bad)).substr(0, 8) != "accepted");
  }
}

TEST_CASE("search keys have limits") {
  const auto text = [](std::size_t depth, const std::string& open, const std::string& close) {
    return "SEARCH " + repeated(depth, open, "") + "SEEN" + repeated(depth, close, "");
  };
  CHECK(args<SearchArgs>(text(kMaxSearchDepth, "(", ")")).program.key.kind == SearchKey::Kind::Flag);
  CHECK(refused("a " + text(kMaxSearchDepth + 1, "(", ")")) == "Search keys nested too deeply");
  CHECK(args<SearchArgs>(text(kMaxSearchDepth, "NOT ", "")).program.key.kind == SearchKey::Kind::Not);
  CHECK(refused("a " + text(kMaxSearchDepth + 1, "NOT ", "")) == "Search keys nested too deeply");
  CHECK(refused("a " + text(kMaxSearchDepth + 1, "OR SEEN ", "")) == "Search keys nested too deeply");
  CHECK(args<SearchArgs>("SEARCH " + repeated(kMaxSearchKeys, "SEEN", " ")).program.key.children.size() ==
        kMaxSearchKeys);
  CHECK(refused("a SEARCH " + repeated(kMaxSearchKeys + 1, "SEEN", " ")) == "Too many search keys");
}

TEST_CASE("SORT and THREAD") {
  const auto sort = args<SortArgs>("SORT (REVERSE date subject) UTF-8 SINCE 1-Feb-1994 SEEN");
  CHECK(sort.criteria ==
        std::vector<SortCriterion>{{SortCriterion::Key::Date, true}, {SortCriterion::Key::Subject, false}});
  CHECK(sort.program.charset == "UTF-8");
  CHECK(sort.program.key.children.size() == 2);
  CHECK(args<SortArgs>("UID SORT RETURN (COUNT) (SIZE) UTF-8 ALL").extended);
  const auto thread = args<ThreadArgs>("THREAD references US-ASCII ALL");
  CHECK(thread.algorithm == "REFERENCES");
  CHECK(thread.program.charset == "US-ASCII");
  for (const char* bad : {"SORT (DATE) UTF-8", "SORT () UTF-8 ALL", "SORT (X) UTF-8 ALL",
                          "SORT (REVERSE) UTF-8 ALL", "SORT DATE UTF-8 ALL", "THREAD REFS ALL", "THREAD"}) {
    INFO(bad);
    CHECK(refused("a " + std::string(bad)).substr(0, 8) != "accepted");
  }
  CHECK(refused("a SORT (" + repeated(kMaxSortKeys + 1, "DATE", " ") + ") UTF-8 ALL") ==
        "Too many sort criteria");
}

TEST_CASE("dates and times") {
  const auto at = [](const std::string& date) -> std::optional<DateTime> {
    const auto outcome = parseCommand("a APPEND x \"" + date + "\" {1}\r\n");
    const auto* wanted = std::get_if<LiteralWanted>(&outcome);
    return wanted != nullptr ? wanted->message->internalDate : std::nullopt;
  };
  CHECK(at("17-Jul-1996 02:44:25 -0700") == DateTime{837596665, -420});
  CHECK(at(" 1-Jan-1970 00:00:00 +0000") == DateTime{0, 0});
  CHECK(at("1-Jan-1970 00:00:00 +0000") == DateTime{0, 0});
  CHECK(at("01-jan-1970 01:30:00 +0130") == DateTime{0, 90});
  CHECK(at("31-Dec-2016 23:59:60 +0000") == DateTime{1483228800, 0});
  CHECK(at("01-Jan-0001 00:00:00 +0000").has_value());
  for (const char* bad :
       {"17-Jul-1996 02:44:25", "17-Jul-1996 24:00:00 +0000", "17-Jul-1996 02:60:25 +0000",
        "17-Jul-1996 02:44:61 +0000", "17-Jul-1996 02:44:25 0700", "17-Jul-1996 02:44:25 +0760",
        "17-Jul-1996 02:44:25 +2400", "30-Feb-1996 02:44:25 +0000", "17-Foo-1996 02:44:25 +0000",
        "17-Jul-96 02:44:25 +0000", "17-Jul-1996 2:44:25 +0000", "", "  1-Jan-1970 00:00:00 +0000",
        "17-Jul-1996 02:44:25 +0000x", "00-Jul-1996 02:44:25 +0000"}) {
    INFO(bad);
    CHECK_FALSE(at(bad).has_value());
  }
  CHECK(dateOf(DateTime{-1, 0}) == Date{1969, 12, 31});
  CHECK(dateOf(DateTime{-1, 1}) == Date{1970, 1, 1});
  CHECK(dateOf(DateTime{0, -1}) == Date{1969, 12, 31});
  CHECK(dateOfDays(daysSinceEpoch({2024, 2, 29})) == Date{2024, 2, 29});
}
