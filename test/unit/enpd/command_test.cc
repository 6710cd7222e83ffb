// SPDX-License-Identifier: Apache-2.0
#include "tools/enpd/command.h"

#include <catch2/catch.hpp>

#include "common/base/base64.h"

using namespace posthorn;
using namespace posthorn::enpd;
using events::EventType;
using events::maskOf;

namespace {

Command parsed(const std::string& line) {
  auto command = parseCommand(line);
  INFO(line << (command.ok() ? "" : ": " + command.error().text));
  REQUIRE(command.ok());
  return std::move(command).value();
}

std::string refusal(const std::string& line) {
  const auto command = parseCommand(line);
  INFO(line);
  REQUIRE_FALSE(command.ok());
  CHECK(command.error().code == Errc::Invalid);
  return command.error().text;
}

Wish wish(const std::string& reference) {
  auto made = parseWish(reference);
  INFO(reference << (made.ok() ? "" : ": " + made.error().text));
  REQUIRE(made.ok());
  return std::move(made).value();
}

}  // namespace

TEST_CASE("a SUBSCRIBE names references, types and a form") {
  const Command command =
      parsed("subscribe types=NewMsg,expungemsg form=text enp://127.0.0.1/store/%M enp://h/store?owner=anna");
  CHECK(command.verb == Command::Verb::Subscribe);
  REQUIRE(command.wishes.size() == 2);
  CHECK(command.wishes[0].path == "enp://127.0.0.1/store");
  CHECK(command.wishes[0].types == (maskOf(EventType::NewMsg) | maskOf(EventType::ExpungeMsg)));
  CHECK(command.wishes[0].form == Form::Text);
  CHECK(command.wishes[1].owner == "anna");
  CHECK(command.wishes[1].form == Form::Text);
  CHECK_FALSE(command.wishes[1].wild());
}

TEST_CASE("without types all but the changes of state are meant, with * these too") {
  CHECK((parsed("SUBSCRIBE enp://h/s").wishes[0].types & maskOf(EventType::StateChange)) == 0);
  CHECK((parsed("SUBSCRIBE enp://h/s").wishes[0].types & maskOf(EventType::Login)) != 0);
  CHECK(parsed("SUBSCRIBE types=* enp://h/s").wishes[0].types == events::kAllEvents);
  CHECK(parsed("SUBSCRIBE enp://h/s?evtType=StateChange").wishes[0].types == maskOf(EventType::StateChange));
  CHECK(parsed("SUBSCRIBE types=* enp://h/s?evtType=ReadMsg,NewMsg").wishes[0].types ==
        (maskOf(EventType::ReadMsg) | maskOf(EventType::NewMsg)));
}

TEST_CASE("types go by RFC 5423, too") {
  CHECK(*parseTypes("MessageNew") == maskOf(EventType::NewMsg));
  CHECK((*parseTypes("FlagsClear") & maskOf(EventType::ChangeFlag)) != 0);
  CHECK(*parseTypes("QuotaExceed,login") == (maskOf(EventType::OverQuota) | maskOf(EventType::Login)));
  CHECK_FALSE(parseTypes("").ok());
  CHECK(parseTypes("NewMsg,Nonsense").error().text == "there is no event type 'Nonsense'");
}

TEST_CASE("what any segment at the end would hold is left out of a reference") {
  for (const char* reference : {"enp://h/store", "enp://h/store/", "enp://h/store/%M", "enp://h/store/%o/%M",
                                "enp://h/store/*", "ENP://h/store/%U/%d//"}) {
    CHECK(wish(reference).path == "enp://h/store");
    CHECK_FALSE(wish(reference).wild());
  }
  CHECK(wish("enp://h").path == "enp://h");
  CHECK(wish("enp://h/store/anna%40x.example/Sent%20Mail").path == "enp://h/store/anna@x.example/Sent Mail");
}

TEST_CASE("an open segment in the middle makes a pattern") {
  const Wish made = wish("enp://h/store/%U/Sent/%M");
  CHECK(made.wild());
  CHECK(made.segments == std::vector<std::string>{"h", "store", "", "Sent"});
}

TEST_CASE("filters of a reference are decoded") {
  const Wish made = wish("enp://h/store?owner=a%26b&user=bert&mailboxName=anna/Work%2F2026");
  CHECK(made.owner == "a&b");
  CHECK(made.user == "bert");
  CHECK(made.mailbox == "anna/Work/2026");
}

TEST_CASE("the name of a wish is its reference, whatever its types and form") {
  CHECK(wish("enp://h/s/%M?owner=a").name() == wish("enp://h/s?owner=a&evtType=NewMsg").name());
  CHECK(wish("enp://h/s?owner=a").name() != wish("enp://h/s?user=a").name());
  CHECK(wish("enp://h/s/%U/x").name() != wish("enp://h/s/%U/y").name());
  CHECK(wish("enp://h/s/%U/x").name() != wish("enp://h/%U/s/x").name());
}

TEST_CASE("references that are none are refused") {
  struct Row {
    const char* reference;
    const char* said;
  };
  const Row rows[] = {
      {"http://h/store", "an event reference begins with enp://"},
      {"enp://", "an event reference names a host behind enp://"},
      {"enp:///store", "an event reference names a host behind enp://"},
      {"enp://%M/store", "the host of an event reference is a name, not a pattern"},
      {"enp://*", "the host of an event reference is a name, not a pattern"},
      {"enp://h//store", "an event reference has an empty segment"},
      {"enp://h/st%", "a segment has a % without two hexadecimal digits"},
      {"enp://h/st%4", "a segment has a % without two hexadecimal digits"},
      {"enp://h/st%0A", "a segment has a % without two hexadecimal digits"},
      {"enp://h/s?", nullptr},
      {"enp://h/s?owner", "a parameter is NAME=VALUE"},
      {"enp://h/s?=x", "a parameter is NAME=VALUE"},
      {"enp://h/s?owner=", "a filter has no value"},
      {"enp://h/s?owner=%zz", "a parameter's value has a % without two hexadecimal digits"},
      {"enp://h/s?colour=red", "the filters are owner=, user=, mailboxName= and evtType="},
      {"enp://h/s?evtType=Nonsense", "there is no event type 'Nonsense'"},
  };
  for (const Row& row : rows) {
    const auto made = parseWish(row.reference);
    INFO(row.reference);
    CHECK(made.ok() == (row.said == nullptr));
    if (!made.ok() && row.said != nullptr) CHECK(made.error().text == row.said);
  }
  std::string deep = "enp://h";
  for (int i = 0; i < 63; ++i) deep += "/x";
  CHECK(parseWish(deep).ok());
  CHECK_FALSE(parseWish(deep + "/x").ok());
  CHECK_FALSE(parseWish("enp://h/" + std::string(kMaxReference, 'x')).ok());
}

TEST_CASE("the other commands") {
  CHECK(parsed("PING").verb == Command::Verb::Ping);
  CHECK(parsed("ping  a b ").text == "a b");
  CHECK(parsed("NOOP").verb == Command::Verb::Noop);
  CHECK(parsed("StartTLS").verb == Command::Verb::StartTls);
  CHECK(parsed(" QUIT ").verb == Command::Verb::Quit);
  CHECK(parsed("UNSUBSCRIBE *").all);
  CHECK(parsed("UNSUBSCRIBE enp://h/s enp://h/t").wishes.size() == 2);
  CHECK(parsed("PUBLISH enp://h/s?evtType=NewMsg").text == "enp://h/s?evtType=NewMsg");
  const Command relay = parsed("RELAY enp://h/store/%M " + base64::encode("packet"));
  CHECK(relay.text == "enp://h/store/%M");
  CHECK(relay.packet == "packet");
}

TEST_CASE("what is no command is refused in words for the client") {
  for (const char* line : {"",
                           " ",
                           "HELLO",
                           "SUBSCRIBE",
                           "SUBSCRIBE types=NewMsg",
                           "SUBSCRIBE colour=red enp://h/s",
                           "SUBSCRIBE form=xml enp://h/s",
                           "SUBSCRIBE enp://h/s types=NewMsg",
                           "SUBSCRIBE enp://h/s http://h/s",
                           "UNSUBSCRIBE",
                           "UNSUBSCRIBE * *",
                           "PUBLISH",
                           "PUBLISH enp://h/s enp://h/t",
                           "RELAY enp://h/s",
                           "RELAY x cGFja2V0",
                           "RELAY enp://h/s cGFja2V",
                           "RELAY enp://h/s cGFja2V0 x",
                           "NOOP now",
                           "QUIT x",
                           "STARTTLS 1",
                           "PING \x01",
                           "PING \xff",
                           "NOOP\r"})
    refusal(line);
  CHECK(refusal("PING " + std::string(201, 'x')) == "the text of PING is too long");
}

TEST_CASE("a published reference is taken apart") {
  const auto reference = parseReference("enp://h/store/anna%40x?evtType=NewMsg&owner=anna%40x&empty=");
  REQUIRE(reference.ok());
  CHECK(reference->path == "enp://h/store/anna@x");
  REQUIRE(reference->find("owner") != nullptr);
  CHECK(*reference->find("owner") == "anna@x");
  CHECK(reference->find("empty")->empty());
  CHECK(reference->find("user") == nullptr);
  CHECK_FALSE(parseReference("enp://h/%ff").ok());
}
