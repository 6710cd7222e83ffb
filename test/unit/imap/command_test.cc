// SPDX-License-Identifier: Apache-2.0
#include "common/imap/parse/command.h"

#include "test/unit/imap/parsed.h"

using namespace posthorn;
using namespace posthorn::imap;
using namespace posthorn::imap::test;

namespace {

template <typename T, typename V>
const T& as(const V& outcome) {
  const T* found = std::get_if<T>(&outcome);
  REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

TEST_CASE("commands without arguments") {
  for (const auto name : {CommandName::Capability, CommandName::Check, CommandName::Close, CommandName::Idle,
                          CommandName::Logout, CommandName::Namespace, CommandName::Noop,
                          CommandName::Starttls, CommandName::Unselect, CommandName::Expunge}) {
    const std::string word(toString(name));
    CHECK(parsed("x.1] " + word).name == name);
    CHECK(parsed("x.1] " + word).tag == "x.1]");
    CHECK(parsed("x " + word + "  ").name == name);
    CHECK(refused("x " + word + " y") == "Too many arguments");
  }
  CHECK(parsed("a nOOp").name == CommandName::Noop);
  CHECK(commandName("noop") == CommandName::Noop);
  CHECK_FALSE(commandName("NOOPS").has_value());
}

TEST_CASE("what is no command") {
  CHECK(refused("") == "Missing tag");
  CHECK(refused(" a NOOP") == "Missing tag");
  CHECK(refused("+ NOOP") == "Missing tag");
  CHECK(refused("a") == "Missing argument");
  CHECK(refused("a ") == "Missing word");
  CHECK(refused("a  NOOP") == "Missing word");
  CHECK(refused("a NOP") == "Unknown command");
  CHECK(refused("a XNOOP x y") == "Unknown command");
  CHECK(refused("a UID NOOP") == "Unknown command");
  CHECK(refused("a UID") == "Missing argument");
  CHECK(refused("a\tNOOP") == "Missing argument");
  CHECK(refused(std::string("a NO\0OP", 7)) == "Unknown command");
  CHECK(refused(std::string(kMaxTag, 't') + "t NOOP") == "Tag too long");
  const std::string line = "a1 NOP\r\na2 NOOP\r\n";
  const auto outcome = parseCommand(line);
  CHECK(as<Bad>(outcome).tag == "a1");
  CHECK(as<Bad>(outcome).consumed == 8);
  CHECK_FALSE(as<Bad>(outcome).restFollows);
  CHECK(as<Bad>(parseCommand("+ x\r\n")).tag == "*");
}

TEST_CASE("a line is waited for, and ends with LF alone too") {
  CHECK(std::holds_alternative<Incomplete>(parseCommand("")));
  CHECK(std::holds_alternative<Incomplete>(parseCommand("a NOP")));
  CHECK(std::holds_alternative<Incomplete>(parseCommand("a NOOP\r")));
  CHECK(as<Done>(parseCommand("a NOOP\nb NOOP\n")).consumed == 7);
  CHECK(as<Done>(parseCommand("a NOOP\r\nb")).consumed == 8);
}

TEST_CASE("a line has its limit, with its end and without") {
  const ParseOptions options{.maxLine = 20};
  const std::string fits = "a LOGIN anna " + std::string(7, 'x');
  CHECK(args<LoginArgs>(fits.substr(2).insert(0, ""), {}).user == "anna");
  CHECK(std::holds_alternative<Done>(parseCommand(fits + "\r\n", options)));
  CHECK(std::holds_alternative<Done>(parseCommand(fits + "\n", options)));
  CHECK(std::holds_alternative<Incomplete>(parseCommand(fits + "\r", options)));
  const auto whole = parseCommand(fits + "y\r\na NOOP\r\n", options);
  CHECK(as<Bad>(whole).text == "Line too long");
  CHECK(as<Bad>(whole).consumed == 23);
  CHECK_FALSE(as<Bad>(whole).restFollows);
  const auto open = parseCommand(fits + std::string(40, 'y'), options);
  CHECK(as<Bad>(open).text == "Line too long");
  CHECK(as<Bad>(open).restFollows);
  CHECK(as<Bad>(open).discard == 0);
}

TEST_CASE("literals are asked for one by one") {
  const std::string text = "a LOGIN {4}\r\nanna {6+}\r\nsecret\r\n";
  const auto first = parseCommand(View(text).substr(0, 13));
  CHECK(as<LiteralWanted>(first).octets == 4);
  CHECK(as<LiteralWanted>(first).synchronizing);
  CHECK(as<LiteralWanted>(first).begin == 13);
  CHECK_FALSE(as<LiteralWanted>(first).message.has_value());
  CHECK(std::holds_alternative<Incomplete>(parseCommand(View(text).substr(0, 17))));
  const auto second = parseCommand(View(text).substr(0, 27));
  CHECK(as<LiteralWanted>(second).octets == 6);
  CHECK_FALSE(as<LiteralWanted>(second).synchronizing);
  const auto last = parseCommand(text);
  const auto& login = std::get<LoginArgs>(as<Done>(last).command.args);
  CHECK(login.user == "anna");
  CHECK(login.password == "secret");
}

TEST_CASE("an empty literal is asked for, too") {
  const auto wanted = parseCommand("a LOGIN anna {0}\r\n");
  CHECK(as<LiteralWanted>(wanted).octets == 0);
  CHECK(as<LiteralWanted>(wanted).synchronizing);
  const auto done = parseCommand("a LOGIN anna {0}\r\n\r\n");
  CHECK(std::get<LoginArgs>(as<Done>(done).command.args).password.empty());
  CHECK(std::holds_alternative<Incomplete>(parseCommand("a LOGIN anna {0+}\r\n")));
}

TEST_CASE("a refused line says what the client goes on sending") {
  const auto waiting = parseCommand("a LOGIN a b {5}\r\n");
  CHECK_FALSE(as<Bad>(waiting).restFollows);
  const auto sending = parseCommand("a NOP {5+}\r\nabcde\r\n");
  CHECK(as<Bad>(sending).consumed == 12);
  CHECK(as<Bad>(sending).restFollows);
  CHECK(as<Bad>(sending).discard == 5);
  const auto large = parseCommand("a LOGIN {99999999999+}\r\n");
  CHECK(as<Bad>(large).text == "Literal too long");
  CHECK(as<Bad>(large).discard == 99999999999);
  CHECK_FALSE(as<Bad>(parseCommand("a LOGIN {99999}\r\n")).restFollows);
  CHECK(as<Bad>(parseCommand("a APPEND x UTF8 ({5+}\r\n")).discard == 5);

  CHECK(skipRest("abc").consumed == 0);
  CHECK_FALSE(skipRest(std::string(100, 'x')).done);
  CHECK(skipRest(std::string(100, 'x')).consumed == 68);
  CHECK(skipRest(" b\r\nnext").done);
  CHECK(skipRest(" b\r\nnext").consumed == 4);
  CHECK(skipRest(" {7+}\r\n").discard == 7);
  CHECK(skipRest(" {7}\r\n").done);
}

TEST_CASE("the tag of whatever has come of a line") {
  CHECK(tagOf("a1 NO") == "a1");
  CHECK(tagOf("a1 " + std::string(100'000, 'x')) == "a1");
  CHECK(tagOf("a1 NOOP\r\nb") == "a1");
  for (const char* none : {"", "a1", "a1\r\n", "+ x", " a1 x", "a1\r\nb c"}) CHECK(tagOf(none) == "*");
  CHECK(tagOf(std::string(kMaxTag, 't') + " x") == std::string(kMaxTag, 't'));
  CHECK(tagOf(std::string(kMaxTag + 1, 't') + " x") == "*");
}

TEST_CASE("literals have limits") {
  CHECK(refused("a LOGIN {65537+}\r\n") == "Literal too long");
  CHECK(refused("a LOGIN {18446744073709551616}") == "Not a literal");
  CHECK(refused("a LOGIN {9223372036854775808}") == "Not a literal");
  CHECK(refused("a LOGIN {-1}") == "Not a literal");
  CHECK(refused("a LOGIN {}") == "Not a literal");
  CHECK(refused("a LOGIN {1} x") == "Not a literal");
  CHECK(refused(std::string("a LOGIN {1}\r\n\0 b", 16)) == "NUL in a literal");
  std::string many = "a ENABLE";
  many = "a ID (";
  for (std::size_t i = 0; i < 5; ++i)
    many += "{" + std::to_string(kMaxLiteral - 1) + "+}\r\n" +
            std::string(kMaxLiteral - 1, static_cast<char>('a' + i)) + " NIL ";
  CHECK(refused(many) == "Field name too long");
}

TEST_CASE("APPEND gives its message away") {
  const std::string text =
      "a APPEND {5+}\r\ninbox (\\Seen $Forwarded) \" 1-Feb-2024 10:00:00 +0130\" {310}\r\nFrom: x";
  const auto outcome = parseCommand(text);
  const auto& wanted = as<LiteralWanted>(outcome);
  CHECK(wanted.octets == 310);
  CHECK(wanted.synchronizing);
  CHECK(text.substr(wanted.begin) == "From: x");
  REQUIRE(wanted.command.has_value());
  CHECK(std::get<AppendArgs>(wanted.command->args).mailbox.utf8 == "INBOX");
  REQUIRE(wanted.message.has_value());
  CHECK(wanted.message->flags == Flags{kSeen, {"$Forwarded"}});
  CHECK(wanted.message->internalDate.value() == DateTime{1706776200, 90});
  CHECK_FALSE(wanted.message->binary);

  CHECK(as<LiteralWanted>(parseCommand("a APPEND x ~{7+}\r\n")).message->binary);
  CHECK(as<LiteralWanted>(parseCommand("a APPEND x UTF8 (~{7}\r\n")).message->utf8);
  CHECK(refused("a APPEND x \"text\"") == "Not a date and time");
  CHECK(refused("a APPEND x text") == "Not a literal");
  CHECK(refused("a APPEND x {3} ") == "Not a literal");
  CHECK(refused("a APPEND x") == "Missing argument");
  CHECK(refused("a APPEND x (\\Foo) {3+}") == "Unknown system flag");
  CHECK(refused("a APPEND x CATENATE (URL \"y\")") == "Not a literal");
}

TEST_CASE("APPEND goes on after a message") {
  const AppendMessage plain;
  const AppendMessage utf8{.flags = {}, .internalDate = std::nullopt, .binary = true, .utf8 = true};
  CHECK(as<AppendEnd>(parseAppendTail("\r\nb NOOP", plain, "a")).consumed == 2);
  CHECK(as<AppendEnd>(parseAppendTail("  \r\n", plain, "a")).consumed == 4);
  CHECK(as<AppendEnd>(parseAppendTail(")\r\n", utf8, "a")).consumed == 3);
  CHECK(std::holds_alternative<Incomplete>(parseAppendTail(")", utf8, "a")));
  const auto more = parseAppendTail(" (\\Deleted) {9+}\r\nabc", plain, "a");
  CHECK(as<LiteralWanted>(more).octets == 9);
  CHECK(as<LiteralWanted>(more).begin == 18);
  CHECK(as<LiteralWanted>(more).message->flags.system == kDeleted);
  CHECK_FALSE(as<LiteralWanted>(more).command.has_value());
  CHECK(as<Bad>(parseAppendTail("\r\n", utf8, "a")).text == "Missing )");
  CHECK(as<Bad>(parseAppendTail("x\r\n", plain, "a")).tag == "a");
  CHECK(as<Bad>(parseAppendTail(" x {3+}\r\n", plain, "a")).discard == 3);
}

TEST_CASE("LOGIN") {
  CHECK(args<LoginArgs>("LOGIN anna secret") == LoginArgs{"anna", "secret"});
  CHECK(args<LoginArgs>("login \"anna m\" \"se\\\"c\\\\ret\"") == LoginArgs{"anna m", "se\"c\\ret"});
  CHECK(args<LoginArgs>("LOGIN \"\" x]y") == LoginArgs{"", "x]y"});
  CHECK(args<LoginArgs>("LOGIN {0+}\r\n {3+}\r\na\r\n") == LoginArgs{"", "a\r\n"});
  CHECK(args<LoginArgs>("LOGIN a \"\xC3\xA4\"") == LoginArgs{"a", "\xC3\xA4"});
  for (const char* bad : {"a LOGIN", "a LOGIN x", "a LOGIN x y z", "a LOGIN \"x y", "a LOGIN \"x\\n\" y",
                          "a LOGIN x(y z", "a LOGIN x \xC3\xA4", "a LOGIN x  y", "a LOGIN \"a\rb\" c"}) {
    INFO(bad);
    CHECK(refused(bad).substr(0, 8) != "accepted");
  }
}

TEST_CASE("AUTHENTICATE") {
  CHECK(args<AuthenticateArgs>("AUTHENTICATE plain") == AuthenticateArgs{"PLAIN", std::nullopt});
  CHECK(args<AuthenticateArgs>("AUTHENTICATE SCRAM-SHA-256 =") == AuthenticateArgs{"SCRAM-SHA-256", ""});
  CHECK(args<AuthenticateArgs>("AUTHENTICATE PLAIN AGEAYg==") ==
        AuthenticateArgs{"PLAIN", std::string("\0a\0b", 4)});
  CHECK(refused("a AUTHENTICATE PLAIN AGEAYg=") == "Not base64");
  CHECK(refused("a AUTHENTICATE") == "Missing argument");
  CHECK(parseSaslLine("*")->cancelled);
  CHECK(parseSaslLine("")->octets.empty());
  CHECK(parseSaslLine("YQ==")->octets == "a");
  CHECK_FALSE(parseSaslLine("Y").has_value());
  CHECK(isIdleDone("done"));
  CHECK_FALSE(isIdleDone("DONE NOW"));
}

TEST_CASE("ID, ENABLE, COMPRESS") {
  CHECK(args<IdArgs>("ID NIL").fields.empty());
  CHECK(args<IdArgs>("ID ()").fields.empty());
  const auto fields = args<IdArgs>("ID (\"name\" \"mutt\" version NIL)").fields;
  REQUIRE(fields.size() == 2);
  CHECK(fields[0].second == "mutt");
  CHECK_FALSE(fields[1].second.has_value());
  CHECK(refused("a ID (\"a\" \"b\" \"A\" \"c\")") == "Field given twice");
  CHECK(refused("a ID (\"a\")") == "Missing argument");
  CHECK(refused("a ID") == "Missing argument");
  std::string many = "ID (";
  for (int i = 0; i < 30; ++i) many += (i > 0 ? " n" : "n") + std::to_string(i) + " NIL";
  CHECK(args<IdArgs>(many + ")").fields.size() == 30);
  CHECK(refused("a " + many + " n30 NIL)") == "Too many fields");
  CHECK(refused("a ID (x \"" + std::string(kMaxIdValue + 1, 'v') + "\")") == "Field value too long");

  CHECK(args<EnableArgs>("ENABLE condstore UTF8=ACCEPT ").capabilities ==
        std::vector<std::string>{"CONDSTORE", "UTF8=ACCEPT"});
  CHECK(refused("a ENABLE") == "Missing argument");
  CHECK(args<CompressArgs>("COMPRESS deflate").algorithm == "DEFLATE");
}
